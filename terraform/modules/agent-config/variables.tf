variable "name" {
  description = "The deployment, as for router-config. NAME-REGION is the cell, whose cluster the agent connects to."
  type        = string
  default     = "kvlane"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "region" {
  description = "The region, as for router-config."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.region))
    error_message = "region: 1 to 63 of a-z, 0-9 and -, a letter first."
  }
}

variable "replica" {
  description = "The engine's name, unique in the region. Null where one configuration is for many instances: each takes its instance's own name when it starts."
  type        = string
  default     = null

  validation {
    condition     = var.replica == null || can(regex("^[^/\\s]{1,200}$", var.replica))
    error_message = "replica: 1 to 200 characters without / and blanks, or null."
  }
}

variable "engine" {
  description = "The engine: url (as the agent beside it reaches it), advertise (the URL that routers use; null: that of url, or, for an engine on loopback of one instance among many, its address, found when the agent starts), events and replay (ZeroMQ endpoints, one for each data-parallel rank; without them health, load and cache size only), topic, model (null for the engine's first), block_size and cache_tokens (0 for what it says)."
  type = object({
    url          = string
    advertise    = optional(string)
    events       = optional(list(string), [])
    replay       = optional(list(string), [])
    topic        = optional(string)
    model        = optional(string)
    block_size   = optional(number, 0)
    cache_tokens = optional(number, 0)
  })
  nullable = false

  validation {
    condition     = can(regex("^https?://[^\\s/@:]+(:[0-9]{1,5})?$", var.engine.url)) && (var.engine.advertise == null || can(regex("^https?://[^\\s/@:]+(:[0-9]{1,5})?$", var.engine.advertise)))
    error_message = "engine: url and advertise are like http://127.0.0.1:8000."
  }

  validation {
    condition     = alltrue([for endpoint in concat(var.engine.events, var.engine.replay) : can(regex("^(tcp|ipc)://[^\\s,]+$", endpoint))])
    error_message = "engine: events and replay are ZeroMQ endpoints such as tcp://127.0.0.1:5557."
  }

  validation {
    condition     = length(var.engine.replay) == 0 || length(var.engine.replay) == length(var.engine.events)
    error_message = "engine: as many replay as events, in the same order, or none."
  }

  validation {
    condition     = var.engine.block_size >= 0 && var.engine.block_size <= 65536 && var.engine.cache_tokens >= 0
    error_message = "engine: block_size is 0 to 65536, cache_tokens 0 or more."
  }
}

variable "routers" {
  description = "How the agent finds the region's routers: static (members, HOST:PORT of their cluster ports), aws (instances with the cell's tags) or dns (all addresses of dns_name), at cluster port. The last two are looked up each time the agent starts."
  type = object({
    type       = string
    members    = optional(list(string), [])
    port       = optional(number, 5701)
    aws_region = optional(string)
    dns_name   = optional(string)
  })
  nullable = false

  validation {
    condition     = contains(["static", "aws", "dns"], var.routers.type)
    error_message = "routers.type: static, aws or dns."
  }

  validation {
    condition     = (var.routers.type == "static") == (length(var.routers.members) > 0) && alltrue([for member in var.routers.members : can(regex("^(\\[[^\\s\\[\\]]+\\]|[^\\s:]+):[0-9]{1,5}$", member))])
    error_message = "routers.members: HOST:PORT, one or more for type static, none otherwise."
  }

  validation {
    condition     = (var.routers.type == "dns") == can(regex("^[A-Za-z0-9.-]+$", var.routers.dns_name))
    error_message = "routers.dns_name: a name for type dns, and only there."
  }

  validation {
    condition     = var.routers.aws_region == null || (var.routers.type == "aws" && can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.routers.aws_region)))
    error_message = "routers.aws_region: an AWS region such as eu-west-1, for type aws only."
  }

  validation {
    condition     = var.routers.port >= 1 && var.routers.port <= 65535
    error_message = "routers.port: 1 to 65535."
  }
}

variable "listen" {
  description = "Where the agent serves /health and /metrics, HOST:PORT; null for nowhere."
  type        = string
  default     = "127.0.0.1:9400"

  validation {
    condition     = var.listen == null || can(regex("^(\\[[^\\s\\[\\]]+\\]|[^\\s:]+):[0-9]{1,5}$", var.listen))
    error_message = "listen: HOST:PORT, or null."
  }
}

variable "heap" {
  description = "The agent's heap, such as 512m."
  type        = string
  default     = "512m"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{1,6}[mg]$", var.heap))
    error_message = "heap: a size like 256m or 1g."
  }
}

variable "archive" {
  description = "The agent's archive (bin/, lib/, conf/) for cloud-init to install: url (https or s3) and sha256. Null where the machine image has it."
  type = object({
    url    = string
    sha256 = string
  })
  default = null

  validation {
    condition     = var.archive == null || can(regex("^(https|s3)://[^\\s@']+$", var.archive.url))
    error_message = "archive.url: an https or s3 URL without credentials."
  }

  validation {
    condition     = var.archive == null || can(regex("^[0-9a-f]{64}$", var.archive.sha256))
    error_message = "archive.sha256: 64 hex digits."
  }
}
