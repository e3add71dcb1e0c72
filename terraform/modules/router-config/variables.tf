# Who and where ------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "The deployment, such as prod. NAME-REGION is the cell: the name of the region's Hazelcast cluster and the value of the tag kvlane:cell."
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
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.region))
    error_message = "region: 1 to 63 of a-z, 0-9 and -, a letter first."
  }
}

variable "router_id" {
  description = "This router's name, unique in its region. Null where one configuration is for many instances: each takes its instance's own name when it starts (KVLANE_ROUTER_ID)."
  type        = string
  default     = null

  validation {
    condition     = var.router_id == null || can(regex("^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", var.router_id))
    error_message = "router_id: 1 to 100 letters, digits, dots, _ and -, or null."
  }
}

variable "bind" {
  description = "Addresses to listen at: clients, admin (loopback unless admin.keys or admin.oidc says who may use it), link (the other regions' routers), and cluster, which must be the machine's own private address; null: found when the router starts (KVLANE_CLUSTER_HOST)."
  type = object({
    clients = optional(string, "127.0.0.1")
    admin   = optional(string, "127.0.0.1")
    link    = optional(string, "127.0.0.1")
    cluster = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for host in [var.bind.clients, var.bind.admin, var.bind.link, coalesce(var.bind.cluster, "127.0.0.1")] : can(regex("^([A-Za-z0-9][A-Za-z0-9.-]*|\\[?[0-9a-fA-F:]*:[0-9a-fA-F:]*\\]?)$", host))])
    error_message = "bind: each is an IP address or a host name."
  }

  validation {
    condition     = !contains(["0.0.0.0", "::", "[::]"], coalesce(var.bind.cluster, "127.0.0.1"))
    error_message = "bind.cluster: the machine's own private address (members tell it to each other), not the wildcard."
  }

  validation {
    condition     = can(regex("^(127(\\.[0-9]{1,3}){3}|localhost|\\[?::1\\]?)$", var.bind.admin)) || length(var.admin.keys) > 0 || var.admin.oidc != null
    error_message = "bind.admin: a loopback address, since neither admin.keys nor admin.oidc says who may use it."
  }
}

variable "ports" {
  description = "Ports of clients, admin (metrics, health, admin API, console), cluster (Hazelcast; keep it inside the region) and link (other regions' routers), 1 to 65535, all distinct."
  type = object({
    clients = optional(number, 8100)
    admin   = optional(number, 9100)
    cluster = optional(number, 5701)
    link    = optional(number, 7100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for port in values(var.ports) : port >= 1 && port <= 65535 && floor(port) == port])
    error_message = "ports: whole numbers from 1 to 65535."
  }

  validation {
    condition     = length(distinct(values(var.ports))) == length(values(var.ports))
    error_message = "ports: all distinct."
  }
}

# The region's cluster ----------------------------------------------------------------------------------------------------

variable "discovery" {
  description = "How the region's routers find each other: static (members, HOST:PORT), aws (instances with the cell's tags, in aws_region or their own), dns (all addresses of dns_name) or kubernetes (the endpoints of service in namespace)."
  type = object({
    type       = string
    members    = optional(list(string), [])
    aws_region = optional(string)
    dns_name   = optional(string)
    namespace  = optional(string)
    service    = optional(string)
  })
  default  = { type = "static" }
  nullable = false

  validation {
    condition     = contains(["static", "aws", "dns", "kubernetes"], var.discovery.type)
    error_message = "discovery.type: static, aws, dns or kubernetes."
  }

  validation {
    condition     = alltrue([for member in var.discovery.members : can(regex("^(\\[[^\\s\\[\\]]+\\]|[^\\s:]+):[0-9]{1,5}$", member))])
    error_message = "discovery.members: each is HOST:PORT."
  }

  validation {
    condition     = var.discovery.type == "static" || length(var.discovery.members) == 0
    error_message = "discovery.members: for type static only."
  }

  validation {
    condition     = (var.discovery.type == "dns") == (var.discovery.dns_name != null)
    error_message = "discovery.dns_name: for type dns, and only there."
  }

  validation {
    condition     = (var.discovery.type == "kubernetes") == (var.discovery.namespace != null && var.discovery.service != null)
    error_message = "discovery.namespace and discovery.service: for type kubernetes, and only there."
  }

  validation {
    condition     = var.discovery.aws_region == null || (var.discovery.type == "aws" && can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.discovery.aws_region)))
    error_message = "discovery.aws_region: an AWS region such as eu-west-1, for type aws only."
  }
}

# Other regions -----------------------------------------------------------------------------------------------------------

variable "peers" {
  description = "The other regions: name to the addresses (HOST:PORT) of their routers' links, or of a load balancer in front of them. At most 16. Their order, where link.failover is listed, is that of the names."
  type        = map(list(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.peers) : can(regex("^[a-z][a-z0-9-]{0,62}$", name)) && name != var.region])
    error_message = "peers: names of other regions than this one, of a-z, 0-9 and -."
  }

  validation {
    condition     = alltrue([for address in flatten(values(var.peers)) : can(regex("^(\\[[^\\s\\[\\]]+\\]|[^\\s:]+):[0-9]{1,5}$", address))])
    error_message = "peers: each address is HOST:PORT."
  }

  validation {
    condition     = alltrue([for addresses in values(var.peers) : length(addresses) > 0])
    error_message = "peers: each region has an address at least."
  }

  validation {
    condition     = length(var.peers) <= 16
    error_message = "peers: at most 16."
  }

  validation {
    condition     = length(var.peers) == 0 || var.link != null
    error_message = "peers: other regions are reached over the link, which needs certificates (link)."
  }
}

variable "link" {
  description = "The link to the other regions: files (PEM) of this region's certificate, its private key (PKCS#8) and the authorities that other regions' certificates are from; forward (worth or never), failover (nearest or listed) and digest. Null for one region alone."
  type = object({
    certificate = string
    key         = string
    trust       = string
    forward     = optional(string, "worth")
    failover    = optional(string, "nearest")
    digest = optional(object({
      enabled    = optional(bool, true)
      every      = optional(string, "400ms")
      sample     = optional(number, 4)
      max_blocks = optional(number, 1000000)
      max_bytes  = optional(string, "64MiB")
    }), {})
  })
  default = null

  validation {
    condition     = var.link == null || try(alltrue([for file in [var.link.certificate, var.link.key, var.link.trust] : startswith(file, "/")]), false)
    error_message = "link: certificate, key and trust are absolute paths of PEM files on the router's machine."
  }

  validation {
    condition     = contains(["worth", "never"], try(var.link.forward, "worth"))
    error_message = "link.forward: worth or never."
  }

  validation {
    condition     = contains(["nearest", "listed"], try(var.link.failover, "nearest"))
    error_message = "link.failover: nearest or listed."
  }

  validation {
    condition     = contains([for power in range(0, 11) : pow(2, power)], try(var.link.digest.sample, 4))
    error_message = "link.digest.sample: a power of two from 1 to 1024."
  }

  validation {
    condition     = can(regex("^[0-9]{1,5}(ms|s)$", try(var.link.digest.every, "400ms"))) && can(regex("^[0-9]{1,12}([KMGT]iB)?$", try(var.link.digest.max_bytes, "64MiB")))
    error_message = "link.digest: every is a duration like 400ms, max_bytes a size like 64MiB."
  }

  validation {
    condition     = try(var.link.digest.max_blocks, 1000000) >= 1000 && try(var.link.digest.max_blocks, 1000000) <= 100000000
    error_message = "link.digest.max_blocks: 1000 to 100000000."
  }
}

# What is served ----------------------------------------------------------------------------------------------------------

variable "pools" {
  description = "The replicas that serve one model each: model, key_space (tokens: exact; text: any engine), chunk_bytes of text keys, max_requests_per_replica, guard_caches (when mostly uncached prompts are refused while too many requests cost the pool its caches: after_loss of replicas, always or never), and tokenize_timeout, after which text keys are used instead. Replicas themselves are told by their agents, not here."
  type = list(object({
    model                    = string
    key_space                = optional(string, "tokens")
    chunk_bytes              = optional(number, 256)
    max_requests_per_replica = optional(number, 320)
    guard_caches             = optional(string, "after_loss")
    tokenize_timeout         = optional(string, "50ms")
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(distinct(var.pools[*].model)) == length(var.pools) && alltrue([for pool in var.pools : length(pool.model) > 0])
    error_message = "pools: each model is named, once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : contains(["tokens", "text"], pool.key_space)])
    error_message = "pools: key_space is tokens or text."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.chunk_bytes >= 16 && pool.chunk_bytes <= 65536])
    error_message = "pools: chunk_bytes is 16 to 65536."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.max_requests_per_replica >= 1 && pool.max_requests_per_replica <= 100000])
    error_message = "pools: max_requests_per_replica is 1 to 100000."
  }

  validation {
    condition     = alltrue([for pool in var.pools : contains(["after_loss", "always", "never"], pool.guard_caches)])
    error_message = "pools: guard_caches is after_loss, always or never."
  }

  validation {
    condition     = alltrue([for pool in var.pools : can(regex("^[0-9]{1,5}(ms|s)$", pool.tokenize_timeout))])
    error_message = "pools: tokenize_timeout is a duration like 50ms, up to 10s."
  }
}

variable "anonymous" {
  description = "Whether requests are served that show no tenant's key."
  type        = bool
  default     = true
  nullable    = false
}

variable "tenants" {
  description = "Who asks: name, the SHA-256 (64 hex digits) of each API key, the regions that may serve it (empty for any), and salt, a reference (file:/PATH or an ARN) to the secret that keeps its cache entries apart; regions need one."
  type = list(object({
    name    = string
    keys    = optional(list(string), [])
    regions = optional(list(string), [])
    salt    = optional(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = length(distinct(var.tenants[*].name)) == length(var.tenants)
    error_message = "tenants: each is named once."
  }

  validation {
    condition     = alltrue([for key in flatten(var.tenants[*].keys) : can(regex("^[0-9a-fA-F]{64}$", key))])
    error_message = "tenants: keys are SHA-256 digests (64 hex digits), never the keys themselves."
  }

  validation {
    condition     = alltrue([for tenant in var.tenants : length(tenant.regions) == 0 || tenant.salt != null])
    error_message = "tenants: one that is limited to regions needs a salt."
  }

  validation {
    condition     = alltrue([for tenant in var.tenants : tenant.salt == null || can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", tenant.salt))])
    error_message = "tenants: salt is a reference, file:/PATH or the ARN of a secret or parameter, never the secret itself."
  }
}

variable "engine_api_key" {
  description = "Reference (file:/PATH, or the ARN of a Secrets Manager secret or SSM parameter) to what is sent to engines as a bearer token; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.engine_api_key == null || can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", var.engine_api_key))
    error_message = "engine_api_key: a reference, file:/PATH or the ARN of a secret or parameter, never the key itself."
  }
}

# Policies and operators --------------------------------------------------------------------------------------------------

variable "policies" {
  description = "Policies as versioned resources: directory (of each router alone), control (the region that has the store; null for this one), store (url: jdbc:postgresql://HOST/DATABASE, or null for an H2 file in the directory; user; password: a reference; owner: HOST:PORT of the admin listener of the router that has the H2 file, null for the owner itself), rollback_on_nack. Null for the built-in policy alone."
  type = object({
    directory = optional(string, "/var/lib/kvlane/policies")
    control   = optional(string)
    store = optional(object({
      url      = optional(string)
      user     = optional(string)
      password = optional(string)
      owner    = optional(string)
    }), {})
    rollback_on_nack = optional(bool, true)
  })
  default = {}

  validation {
    condition     = startswith(try(var.policies.directory, "/"), "/")
    error_message = "policies.directory: an absolute path."
  }

  validation {
    condition     = try(var.policies.control, null) == null || contains(concat([var.region], keys(var.peers)), try(coalesce(var.policies.control), ""))
    error_message = "policies.control: this region or one of peers."
  }

  validation {
    condition     = try(var.policies.store.url, null) == null || can(regex("^jdbc:(postgresql:|h2:file:)", var.policies.store.url))
    error_message = "policies.store.url: jdbc:postgresql://HOST/DATABASE or jdbc:h2:file:PATH."
  }

  validation {
    condition     = !can(regex("(?i)password|//[^/]*:[^/]*@", var.policies.store.url))
    error_message = "policies.store.url: without a password; policies.store.password refers to it."
  }

  validation {
    condition     = try(var.policies.store.password, null) == null || can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", var.policies.store.password))
    error_message = "policies.store.password: a reference, file:/PATH or the ARN of a secret or parameter, never the password itself."
  }

  validation {
    condition     = try(var.policies.store.owner, null) == null || can(regex("^(\\[[^\\s\\[\\]]+\\]|[^\\s:]+):[0-9]{1,5}$", var.policies.store.owner))
    error_message = "policies.store.owner: HOST:PORT."
  }
}

variable "admin" {
  description = "The operators' listener: requests_per_second of one key; keys (id, hash: the key's SHA-256, role: viewer, operator or admin, tenants, regions, expires: 2027-01-31T00:00:00Z); tls (files: certificate, key, trust); oidc (issuer, audience, keys_url, role_claim, role_prefix)."
  type = object({
    requests_per_second = optional(number, 50)
    keys = optional(list(object({
      id      = string
      hash    = string
      role    = optional(string, "viewer")
      tenants = optional(list(string), [])
      regions = optional(list(string), [])
      expires = optional(string)
    })), [])
    tls = optional(object({
      certificate = string
      key         = string
      trust       = optional(string)
    }))
    oidc = optional(object({
      issuer      = string
      audience    = string
      keys_url    = optional(string)
      role_claim  = optional(string, "roles")
      role_prefix = optional(string, "kvlane-")
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.admin.requests_per_second >= 1 && var.admin.requests_per_second <= 1000000
    error_message = "admin.requests_per_second: 1 to 1000000."
  }

  validation {
    condition     = alltrue([for key in var.admin.keys : can(regex("^[0-9a-fA-F]{64}$", key.hash))]) && length(distinct(var.admin.keys[*].hash)) == length(var.admin.keys)
    error_message = "admin.keys: hash is the key's SHA-256 (64 hex digits), named once, never the key itself."
  }

  validation {
    condition     = alltrue([for key in var.admin.keys : can(regex("^\\S.{0,99}$", key.id))]) && length(distinct(var.admin.keys[*].id)) == length(var.admin.keys)
    error_message = "admin.keys: id is 1 to 100 characters, named once."
  }

  validation {
    condition     = alltrue([for key in var.admin.keys : contains(["viewer", "operator", "admin"], key.role)])
    error_message = "admin.keys: role is viewer, operator or admin."
  }

  validation {
    condition     = alltrue([for key in var.admin.keys : key.expires == null || can(timeadd(key.expires, "0s"))])
    error_message = "admin.keys: expires is a time like 2027-01-31T00:00:00Z."
  }

  validation {
    condition     = var.admin.tls == null || try(startswith(var.admin.tls.certificate, "/") && startswith(var.admin.tls.key, "/"), false)
    error_message = "admin.tls: certificate and key are absolute paths of PEM files."
  }

  validation {
    condition     = var.admin.tls == null || try(var.admin.tls.trust, null) != null || try(var.policies.store.owner, null) == null
    error_message = "admin.tls.trust: needed, since policies.store.owner is asked with TLS."
  }

  validation {
    condition     = var.admin.oidc == null || (can(regex("^https://\\S+$", var.admin.oidc.issuer)) && try(length(var.admin.oidc.audience) > 0, false))
    error_message = "admin.oidc: issuer is an https URL, audience is named."
  }
}

# Operation ---------------------------------------------------------------------------------------------------------------

variable "telemetry" {
  description = "otlp_endpoint: URL of a collector for OTLP over HTTP, such as http://collector:4318/v1/traces; null for no traces. authorization: reference to what the collector wants. per_thousand of the requests without a trace get one. prices of models (or *), in millionths of a dollar for a million tokens."
  type = object({
    otlp_endpoint = optional(string)
    authorization = optional(string)
    per_thousand  = optional(number, 10)
    prices = optional(list(object({
      model             = string
      prefill_micro_usd = number
      cached_micro_usd  = number
    })), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.telemetry.otlp_endpoint == null || can(regex("^https?://[^\\s@]+$", var.telemetry.otlp_endpoint))
    error_message = "telemetry.otlp_endpoint: an http or https URL without credentials."
  }

  validation {
    condition     = var.telemetry.authorization == null || can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", var.telemetry.authorization))
    error_message = "telemetry.authorization: a reference, file:/PATH or the ARN of a secret or parameter, never the secret itself."
  }

  validation {
    condition     = var.telemetry.per_thousand >= 0 && var.telemetry.per_thousand <= 1000
    error_message = "telemetry.per_thousand: 0 to 1000."
  }
}

variable "drain_seconds" {
  description = "How long requests under way may go on when the router stops, 0 to 3600. Whatever stops it (systemd, a load balancer's deregistration, a lifecycle hook) must wait stop_timeout_seconds, which is longer."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.drain_seconds >= 0 && var.drain_seconds <= 3600 && floor(var.drain_seconds) == var.drain_seconds
    error_message = "drain_seconds: a whole number from 0 to 3600."
  }
}

variable "sse_keep_alive_seconds" {
  description = "Silence of an engine after which a client of a stream gets a comment, so that nothing in between closes the connection; 0 for never. An AWS load balancer closes after 350 s."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.sse_keep_alive_seconds >= 0 && var.sse_keep_alive_seconds <= 340
    error_message = "sse_keep_alive_seconds: 0 to 340."
  }
}

variable "event_loops" {
  description = "Event loops that serve clients, 0 to 256; 0 takes one a core."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.event_loops >= 0 && var.event_loops <= 256 && floor(var.event_loops) == var.event_loops
    error_message = "event_loops: a whole number from 0 to 256."
  }
}

variable "heap" {
  description = "The router's heap, such as 2g. The index (256 MiB by default) and the digests are in it."
  type        = string
  default     = "2g"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{1,6}[mg]$", var.heap))
    error_message = "heap: a size like 768m or 2g."
  }
}

variable "extra" {
  description = "Further keys of the router's configuration as they stand there (kvlane-router.yaml): section to values, such as { limits = { maxBodyBytes = \"16MiB\" } }. Values win over this module's, one level deep. No secrets: they would be in the state."
  type        = any
  default     = {}
  nullable    = false

  validation {
    condition     = can(keys(var.extra))
    error_message = "extra: sections, such as { queue = { length = 100 } }."
  }

  validation {
    condition     = !can(var.extra.engine.apiKey) && !can(var.extra.telemetry.traces.authorization) && !can(var.extra.tenants)
    error_message = "extra: no secrets (engine.apiKey, telemetry.traces.authorization, tenants); engine_api_key, telemetry and tenants take references."
  }
}

variable "secrets" {
  description = "Further secrets by reference: environment variable (KVLANE_...) to file:/PATH or to the ARN of a Secrets Manager secret or SSM parameter. Fetched when the router starts, kept in memory only."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.secrets) : can(regex("^KVLANE_[A-Z0-9_]+$", name))])
    error_message = "secrets: names are environment variables, KVLANE_..."
  }

  validation {
    condition     = alltrue([for reference in values(var.secrets) : can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", reference))])
    error_message = "secrets: values are references, file:/PATH or the ARN of a secret or parameter, never the secrets themselves."
  }
}

variable "secret_files" {
  description = "Files to be made from references when the router starts, such as the link's private key: absolute path below /run/kvlane/ to file:/PATH or an ARN."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for path in keys(var.secret_files) : can(regex("^/run/kvlane/[A-Za-z0-9._-]+$", path))])
    error_message = "secret_files: paths are /run/kvlane/NAME, which is in memory."
  }

  validation {
    condition     = alltrue([for reference in values(var.secret_files) : can(regex("^(file:/|arn:aws[a-z-]*:(secretsmanager|ssm):).+", reference))])
    error_message = "secret_files: values are references, file:/PATH or the ARN of a secret or parameter, never the secrets themselves."
  }
}

variable "archive" {
  description = "The router's archive (bin/, lib/, conf/) for cloud-init to install: url (https or s3) and sha256. Null where the machine image has it."
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
