variable "regions" {
  description = "The regions, 1 to 4. The first one has the policy store."
  type        = list(string)
  default     = ["us-east", "eu-west", "ap-northeast"]
  nullable    = false

  validation {
    condition     = length(var.regions) >= 1 && length(var.regions) <= 4 && length(distinct(var.regions)) == length(var.regions)
    error_message = "regions: 1 to 4, all distinct."
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
  description = "The first port on loopback. A region takes the next 100: its routers' clients from 1, admin from 11."
  type        = number
  default     = 28000
  nullable    = false

  validation {
    condition     = var.base_port >= 1024 && var.base_port <= 32000 && floor(var.base_port) == var.base_port
    error_message = "base_port: 1024 to 32000, below the ports that systems give to clients."
  }
}

variable "name" {
  description = "What containers, networks and volumes are named after."
  type        = string
  default     = "kvlane"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "model" {
  description = "The model that the simulated engines serve."
  type        = string
  default     = "kvlane-demo"
  nullable    = false
}

variable "image_prefix" {
  description = "What stands before router, engine and agent in the images' names; Docker has them."
  type        = string
  default     = "kvlane/"
  nullable    = false
}

variable "image_tag" {
  description = "The images' tag; null for this clone's version."
  type        = string
  default     = null
}

variable "run" {
  description = "Folder beside this file for the admin key. Removed by destroy."
  type        = string
  default     = ".run"
  nullable    = false

  validation {
    condition     = can(regex("^\\.run(-[a-z0-9]{1,20})?$", var.run))
    error_message = "run: .run or .run-NAME."
  }
}
