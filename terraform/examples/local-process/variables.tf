variable "regions" {
  description = "The regions, 1 to 4. The first one has the policy store."
  type        = list(string)
  default     = ["us-east", "eu-west", "ap-northeast"]
  nullable    = false

  validation {
    condition     = length(var.regions) >= 1 && length(var.regions) <= 4
    error_message = "regions: 1 to 4."
  }

  validation {
    condition     = length(distinct(var.regions)) == length(var.regions) && alltrue([for region in var.regions : can(regex("^[a-z][a-z0-9-]{0,30}$", region))])
    error_message = "regions: distinct names of 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "routers_per_region" {
  description = "Routers of each region, 1 to 4."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.routers_per_region >= 1 && var.routers_per_region <= 4 && floor(var.routers_per_region) == var.routers_per_region
    error_message = "routers_per_region: 1 to 4."
  }
}

variable "engines_per_region" {
  description = "Simulated engines of each region, an agent beside each, 1 to 8."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.engines_per_region >= 1 && var.engines_per_region <= 8 && floor(var.engines_per_region) == var.engines_per_region
    error_message = "engines_per_region: 1 to 8."
  }
}

variable "base_port" {
  description = "The first port on loopback. A region takes the next 100: clients from 0, admin from 10, cluster from 20, link from 30, engines from 40, their events from 50 and replay from 60, agents from 70."
  type        = number
  default     = 18000
  nullable    = false

  validation {
    condition     = var.base_port >= 1024 && var.base_port <= 32000 && floor(var.base_port) == var.base_port
    error_message = "base_port: 1024 to 32000, below the ports that systems give to clients."
  }
}

variable "model" {
  description = "The model that the simulated engines serve."
  type        = string
  default     = "kvlane-demo"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,100}$", var.model))
    error_message = "model: 1 to 100 letters, digits, dots, _, - and /."
  }
}

variable "run" {
  description = "Folder beside this file for logs, process ids, certificates, the admin key and the policy store. Removed by destroy."
  type        = string
  default     = ".run"
  nullable    = false

  validation {
    condition     = can(regex("^\\.run(-[a-z0-9]{1,20})?$", var.run))
    error_message = "run: .run or .run-NAME."
  }
}

variable "policies" {
  description = "File name to YAML text of the routing policies, pools and tenants that modules/policy applies. Null: the files in policies/."
  type        = map(string)
  default     = null
}

variable "adopt" {
  description = "As for modules/policy: what exists already and is taken over, to the ETag of the version that may be overwritten."
  type        = map(string)
  default     = {}
  nullable    = false
}
