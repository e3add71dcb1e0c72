variable "name" {
  description = "The deployment."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "domain" {
  description = "The name that clients use; each region has REGION.DOMAIN as well, and the certificates have both."
  type        = string
  nullable    = false
}

variable "zone_id" {
  description = "The public Route 53 zone that domain is in."
  type        = string
  nullable    = false
}

variable "regions" {
  description = "Region to where it is (aws_region, zones, cidr), its machine images (router_ami_id, engine_ami_id), certificate_arn of what clients see, link_secret_arns of its link's certificate, key and trust (PEM), and dial (0: drained)."
  type = map(object({
    aws_region       = string
    zones            = list(string)
    cidr             = string
    router_ami_id    = string
    engine_ami_id    = string
    certificate_arn  = string
    link_secret_arns = object({ certificate = string, key = string, trust = string })
    alarm_topic_arns = optional(list(string), [])
    dial             = optional(number, 100)
  }))
  nullable = false
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
  description = "The PostgreSQL database of the control region: url (jdbc:postgresql://HOST/DATABASE), user, password_arn, and the network and port that it is at."
  type = object({
    url          = string
    user         = string
    password_arn = string
    cidr         = string
    port         = optional(number, 5432)
  })
  nullable = false
}

variable "admin_key_hash" {
  description = "SHA-256 of the operators' first key, 64 hex digits; they make further ones by the admin API."
  type        = string
  nullable    = false
}

variable "ingress_cidrs" {
  description = "Who may connect to the regions' load balancers."
  type        = list(string)
  nullable    = false
}

variable "admin_cidrs" {
  description = "Who may connect to routers' admin listeners."
  type        = list(string)
  nullable    = false
}

variable "engine" {
  description = "The engines of each region: model, command, instance type, and how many."
  type = object({
    model   = string
    command = list(string)
    type    = optional(string, "g6e.2xlarge")
    min     = optional(number, 2)
    max     = optional(number, 4)
  })
  nullable = false
}

variable "accelerator" {
  description = "Whether clients come by Global Accelerator rather than by latency records."
  type        = bool
  default     = false
  nullable    = false
}
