# Who and where ------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "The deployment, such as prod. NAME-REGION is the cell, and what everything of it is named after."
  type        = string
  default     = "kvlane"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.name))
    error_message = "name: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "region" {
  description = "The region, as clients see it in x-kvlane-region and as its link certificate calls it (spiffe://kvlane/region/REGION)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.region))
    error_message = "region: 1 to 31 of a-z, 0-9 and -, a letter first."
  }
}

variable "tags" {
  description = "Further labels of the containers. Those of the tag contract (kvlane:...) are set by this module. A changed one replaces them, which is a way to have that done."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "kvlane:")])
    error_message = "tags: keys do not begin with kvlane:."
  }
}

variable "images" {
  description = "The images, as deploy/images/build makes them: router, and engine and agent where engines are wanted. Each is an id (data.docker_image.NAME.id), so that another image is seen, or a name."
  type = object({
    router = string
    engine = optional(string)
    agent  = optional(string)
  })
  nullable = false

  validation {
    condition     = var.engines.count == 0 || var.images.engine != null && var.images.agent != null
    error_message = "images: engines need engine and agent."
  }
}

# The network --------------------------------------------------------------------------------------------------------------

variable "wan" {
  description = "Name of the Docker network between the regions, in which routers alone are; null for one region alone. The region's own network, with its cluster and its engines, is made here."
  type        = string
  default     = null

  validation {
    condition     = var.wan != null || length(var.peers) == 0
    error_message = "wan: other regions (peers) are reached by a network."
  }
}

variable "publish" {
  description = "Where this machine's clients and operators reach the routers: address, and the port of the first router; each further one has the next. admin is open only if router.admin.keys or router.admin.oidc says who may use it. Null for nowhere."
  type = object({
    address = optional(string, "127.0.0.1")
    clients = number
    admin   = optional(number)
  })
  default = null

  validation {
    condition     = alltrue([for port in [try(var.publish.clients, 1024), coalesce(try(var.publish.admin, null), 1024)] : port >= 1 && port <= 65000 && floor(port) == port])
    error_message = "publish: ports are whole numbers from 1 to 65000."
  }

  validation {
    condition     = can(regex("^[0-9.]+$", try(var.publish.address, "127.0.0.1")))
    error_message = "publish.address: an IPv4 address of this machine, or 0.0.0.0 for all."
  }

  validation {
    condition     = try(var.publish.admin, null) == null || try(length(var.router.admin.keys) > 0, false) || try(var.router.admin.oidc != null, false)
    error_message = "publish.admin: the admin listener is open beyond its container only with router.admin.keys or router.admin.oidc."
  }
}

# Routers ------------------------------------------------------------------------------------------------------------------

variable "instances" {
  description = "The routers' containers: how many (count, 1 to 8), memory_mib of each, cpus (such as 0.5; null for no limit), and restart (Docker's policy)."
  type = object({
    count      = optional(number, 2)
    memory_mib = optional(number, 1024)
    cpus       = optional(string)
    restart    = optional(string, "unless-stopped")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.instances.count >= 1 && var.instances.count <= 8 && floor(var.instances.count) == var.instances.count
    error_message = "instances.count: 1 to 8."
  }

  validation {
    condition     = var.instances.memory_mib >= 256
    error_message = "instances.memory_mib: 256 at least."
  }

  validation {
    condition     = contains(["no", "on-failure", "always", "unless-stopped"], var.instances.restart)
    error_message = "instances.restart: no, on-failure, always or unless-stopped."
  }
}

variable "router" {
  description = "Inputs of modules/router-config, described and validated there: pools, anonymous, tenants, engine_api_key, link, policies, admin, telemetry, secrets, secret_files, heap, event_loops, sse_keep_alive_seconds, extra. References to secrets are file:/PATH in the container (mounts). What depends on Docker (discovery, addresses, peers, ids, the store's owner) is set by this module."
  type = object({
    pools                  = optional(any, [])
    anonymous              = optional(bool, true)
    tenants                = optional(any, [])
    engine_api_key         = optional(string)
    link                   = optional(any)
    policies               = optional(any)
    admin                  = optional(any, {})
    telemetry              = optional(any, {})
    secrets                = optional(map(string), {})
    secret_files           = optional(map(string), {})
    heap                   = optional(string, "512m")
    event_loops            = optional(number, 0)
    sse_keep_alive_seconds = optional(number, 30)
    extra                  = optional(any, {})
  })
  default  = {}
  nullable = false
}

variable "java_options" {
  description = "Further options of Java for routers, engines and agents, such as -XX:+UseSerialGC."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = !can(regex("[\\n\\r]|(?i)password|secret", var.java_options))
    error_message = "java_options: one line, without secrets."
  }
}

variable "mounts" {
  description = "What routers may read (certificates, secrets): absolute path in the container to volume (a Docker volume's name) or host (an absolute path on Docker's machine)."
  type = map(object({
    volume = optional(string)
    host   = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for path in keys(var.mounts) : can(regex("^/[^:]+$", path)) && !contains(["/tmp", "/run/kvlane", "/var/lib/kvlane"], path)])
    error_message = "mounts: absolute paths, not /tmp, /run/kvlane and /var/lib/kvlane, which the router has."
  }

  validation {
    condition     = alltrue([for mount in values(var.mounts) : (mount.volume == null) != (mount.host == null)])
    error_message = "mounts: either volume or host."
  }
}

variable "ports" {
  description = "Ports in the containers: clients, admin, cluster (Hazelcast) and link."
  type = object({
    clients = optional(number, 8100)
    admin   = optional(number, 9100)
    cluster = optional(number, 5701)
    link    = optional(number, 7100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for port in values(var.ports) : port >= 1024 && port <= 65535 && floor(port) == port]) && length(distinct(values(var.ports))) == 4
    error_message = "ports: whole numbers from 1024 to 65535, all distinct."
  }
}

variable "peers" {
  description = "Names of the other regions. Their links are expected at PEER.LINK_DOMAIN, which is what this module calls its own in the network wan."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = !contains(var.peers, var.region) && length(var.peers) <= 16
    error_message = "peers: other regions than this one, at most 16."
  }

  validation {
    condition     = length(var.peers) == 0 || var.router.link != null
    error_message = "peers: other regions are reached over the link, which needs certificates (router.link)."
  }
}

variable "link_domain" {
  description = "Domain of the regions' links, the same in all regions; null for link.NAME.internal."
  type        = string
  default     = null

  validation {
    condition     = var.link_domain == null || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.link_domain))
    error_message = "link_domain: a domain such as link.prod.internal."
  }
}

variable "drain_seconds" {
  description = "How long requests under way may go on when a router stops: the longest stream. A destroy waits for it."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.drain_seconds >= 0 && var.drain_seconds <= 3600 && floor(var.drain_seconds) == var.drain_seconds
    error_message = "drain_seconds: a whole number from 0 to 3600."
  }
}

# Engines ------------------------------------------------------------------------------------------------------------------

variable "engines" {
  description = "Simulated engines with an agent beside each: count (0 to 16), the model that they serve, arguments of the engine's program, memory_mib of an engine and agent_memory_mib of an agent. For engines of your own, agents connect to what output pool says."
  type = object({
    count            = optional(number, 0)
    model            = optional(string, "kvlane-demo")
    arguments        = optional(list(string), [])
    memory_mib       = optional(number, 512)
    agent_memory_mib = optional(number, 384)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.engines.count >= 0 && var.engines.count <= 16 && floor(var.engines.count) == var.engines.count
    error_message = "engines.count: 0 to 16."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,100}$", var.engines.model))
    error_message = "engines.model: 1 to 100 letters, digits, dots, _, - and /."
  }
}
