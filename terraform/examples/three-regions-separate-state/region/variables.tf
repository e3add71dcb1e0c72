variable "name" {
  description = "The deployment."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "region" {
  description = "This region."
  type        = string
  nullable    = false
}

variable "regions" {
  description = "All regions, in every region's state alike: where each is (aws_region, zones, cidr), its machine images (router_ami_id, engine_ami_id), certificate_arn of what clients see, and link_secret_arns of its link's certificate, key and trust (PEM)."
  type = map(object({
    aws_region       = string
    zones            = list(string)
    cidr             = string
    router_ami_id    = string
    engine_ami_id    = string
    certificate_arn  = string
    link_secret_arns = object({ certificate = string, key = string, trust = string })
  }))
  nullable = false

  validation {
    condition     = contains(keys(var.regions), var.region)
    error_message = "regions: region is one of them."
  }
}

variable "control_region" {
  description = "The region that has the policy store."
  type        = string
  nullable    = false

  validation {
    condition     = contains(keys(var.regions), var.control_region)
    error_message = "control_region: one of regions."
  }
}

variable "policy_store" {
  description = "The PostgreSQL database of the control region: url (jdbc:postgresql://HOST/DATABASE), user, password_arn, and the network and port that it is at. Needed in the control region only."
  type = object({
    url          = string
    user         = string
    password_arn = string
    cidr         = string
    port         = optional(number, 5432)
  })
  default = null

  validation {
    condition     = (var.policy_store != null) == (var.region == var.control_region)
    error_message = "policy_store: in the control region, and only there."
  }
}

variable "ingress_cidrs" {
  description = "Who may connect to the region's load balancer."
  type        = list(string)
  nullable    = false
}

variable "engine" {
  description = "The engines: model, command, instance type, and how many."
  type = object({
    model   = string
    command = list(string)
    type    = optional(string, "g6e.2xlarge")
    min     = optional(number, 2)
    max     = optional(number, 4)
  })
  nullable = false
}
