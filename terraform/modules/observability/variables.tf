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

variable "aws_region" {
  description = "The AWS region that the dashboard is in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region: an AWS region such as eu-west-1."
  }
}

variable "regions" {
  description = "Region to its output observability (modules/region)."
  type = map(object({
    aws_region         = string
    cell               = string
    log_group_name     = string
    group_name         = string
    load_balancer      = string
    target_group       = string
    no_ready_alarm_arn = string
  }))
  nullable = false

  validation {
    condition     = length(var.regions) >= 1 && length(var.regions) <= 17
    error_message = "regions: 1 to 17."
  }
}

variable "errors_per_minute" {
  description = "Lines of level ERROR that a region's routers may log a minute, five minutes in a row, before the alarm."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.errors_per_minute >= 1
    error_message = "errors_per_minute: 1 at least."
  }
}

variable "alarm_topic_arns" {
  description = "AWS region to the SNS topics there that are told of alarms."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue(flatten([for region, arns in var.alarm_topic_arns : [for arn in arns : can(regex("^arn:aws[a-z-]*:sns:${region}:[0-9]{12}:.+", arn))]]))
    error_message = "alarm_topic_arns: ARNs of SNS topics in the AWS region that they stand for."
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
