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

variable "state" {
  description = "Where the regions' states are: an S3 bucket and the AWS region that it is in. Their keys are kvlane/REGION.tfstate."
  type = object({
    bucket = string
    region = string
  })
  nullable = false
}

variable "dials" {
  description = "Region to its dial: 100, or 0 for drained. A region's own state has to be applied before it is named here."
  type        = map(number)
  nullable    = false

  validation {
    condition     = length(var.dials) >= 2
    error_message = "dials: two regions at least."
  }
}
