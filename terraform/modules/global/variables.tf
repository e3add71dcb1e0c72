variable "name" {
  description = "The deployment, the same as the regions'."
  type        = string
  default     = "kvlane"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "domain" {
  description = "The name that clients use, such as llm.example.com. Each region has REGION.DOMAIN as well; the regions' certificates have both."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "domain: a name such as llm.example.com."
  }
}

variable "zone_id" {
  description = "The public Route 53 zone that domain is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^Z[A-Z0-9]{5,31}$", var.zone_id))
    error_message = "zone_id: the id of a Route 53 zone, such as Z0123456789ABCDEFGHIJ."
  }
}

variable "regions" {
  description = "Region to its output global (modules/region), and dial: the percentage of the traffic it would have that it gets, 0 for drained. Without an accelerator only 0 and 100 can be had."
  type = map(object({
    aws_region        = string
    load_balancer_arn = string
    dns_name          = string
    zone_id           = string
    dial              = optional(number, 100)
  }))
  nullable = false

  validation {
    condition     = length(var.regions) >= 1 && length(var.regions) <= 17
    error_message = "regions: 1 to 17."
  }

  validation {
    condition     = alltrue([for region in values(var.regions) : region.dial >= 0 && region.dial <= 100])
    error_message = "regions: dial is 0 to 100."
  }

  validation {
    condition     = anytrue([for region in values(var.regions) : region.dial > 0])
    error_message = "regions: one at least that is not drained (dial over 0)."
  }

  validation {
    condition     = var.accelerator || alltrue([for region in values(var.regions) : contains([0, 100], region.dial)])
    error_message = "regions: without an accelerator, dial is 0 or 100."
  }

  validation {
    condition     = length(distinct([for region in values(var.regions) : region.aws_region])) == length(var.regions)
    error_message = "regions: each is in an AWS region of its own."
  }
}

variable "accelerator" {
  description = "Whether clients come by Global Accelerator: fixed addresses, a way over AWS's network, another region within seconds and without a DNS cache in between, at a price per byte. Without: Route 53 records by latency."
  type        = bool
  default     = false
  nullable    = false
}

variable "flow_log_bucket" {
  description = "S3 bucket for the accelerator's flow logs; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.flow_log_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.flow_log_bucket))
    error_message = "flow_log_bucket: the name of a bucket."
  }

  validation {
    condition     = var.flow_log_bucket == null || var.accelerator
    error_message = "flow_log_bucket: only with an accelerator."
  }
}

variable "health_check" {
  description = "How Route 53 looks after each region: interval_seconds (10 or 30) and failures (1 to 10) in a row after which it is taken out."
  type = object({
    interval_seconds = optional(number, 10)
    failures         = optional(number, 2)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([10, 30], var.health_check.interval_seconds)
    error_message = "health_check.interval_seconds: 10 or 30."
  }

  validation {
    condition     = var.health_check.failures >= 1 && var.health_check.failures <= 10
    error_message = "health_check.failures: 1 to 10."
  }
}

variable "tags" {
  description = "Further tags of everything."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "kvlane:") && !startswith(key, "aws:")])
    error_message = "tags: keys do not begin with kvlane: or aws:."
  }
}
