# Who and where ------------------------------------------------------------------------------------------------------------

variable "name" {
  description = "The deployment, such as prod. NAME-REGION is the cell."
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

variable "aws_region" {
  description = "The AWS region that it is in, such as us-east-1. The provider's own region does not matter."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region: an AWS region such as eu-west-1."
  }
}

variable "tags" {
  description = "Further tags of everything. Those of the tag contract (kvlane:...) are set by this module."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "kvlane:") && !startswith(key, "aws:")])
    error_message = "tags: keys do not begin with kvlane: or aws:."
  }
}

# The network --------------------------------------------------------------------------------------------------------------

variable "network" {
  description = "Either cidr (IPv4, /16 to /20; it must overlap no other region's) and zones (2 to 4 availability zones), for a VPC of its own, with nat (zone: one gateway a zone; single: one; none: bring routes or endpoints of your own) and flow_logs; or existing: a VPC that is there, with its cidr, and private_subnet_ids, public_subnet_ids (for a public load balancer) and private_route_table_ids (for the way to other regions), each by zone."
  type = object({
    cidr      = optional(string)
    zones     = optional(list(string), [])
    nat       = optional(string, "zone")
    flow_logs = optional(bool, true)
    existing = optional(object({
      vpc_id                  = string
      cidr                    = string
      private_subnet_ids      = map(string)
      public_subnet_ids       = optional(map(string), {})
      private_route_table_ids = optional(map(string), {})
    }))
  })
  nullable = false

  validation {
    condition     = (var.network.existing == null) == (var.network.cidr != null)
    error_message = "network: either cidr and zones, or existing."
  }

  validation {
    condition     = var.network.cidr == null || can(cidrsubnet(var.network.cidr, 6, 0)) && can(regex("/(1[6-9]|20)$", var.network.cidr)) && try(cidrsubnet(var.network.cidr, 0, 0) == var.network.cidr, false)
    error_message = "network.cidr: an IPv4 network of /16 to /20, such as 10.1.0.0/16."
  }

  validation {
    condition     = var.network.cidr == null || length(var.network.zones) >= 2 && length(var.network.zones) <= 4 && length(distinct(var.network.zones)) == length(var.network.zones)
    error_message = "network.zones: two to four, all distinct."
  }

  validation {
    condition     = alltrue([for zone in var.network.zones : startswith(zone, var.aws_region)])
    error_message = "network.zones: availability zones of aws_region."
  }

  validation {
    condition     = contains(["zone", "single", "none"], var.network.nat)
    error_message = "network.nat: zone, single or none."
  }

  validation {
    condition     = var.network.existing == null || try(length(var.network.existing.private_subnet_ids) >= 2, false)
    error_message = "network.existing.private_subnet_ids: two zones at least."
  }

  validation {
    condition     = var.network.existing == null || can(cidrsubnet(var.network.existing.cidr, 0, 0))
    error_message = "network.existing.cidr: an IPv4 network such as 10.1.0.0/16."
  }
}

variable "load_balancer" {
  description = "The clients' load balancer: certificate_arn (ACM, for its TLS), ingress_cidrs and ingress_prefix_list_ids (who may connect; 0.0.0.0/0 for everybody; Route 53's health checkers, which modules/global needs without an accelerator, have a prefix list), internal (private addresses only), ssl_policy, deletion_protection, and access_log_bucket (null for none), whose policy must allow it."
  type = object({
    certificate_arn         = string
    ingress_cidrs           = optional(list(string), [])
    ingress_prefix_list_ids = optional(set(string), [])
    internal                = optional(bool, false)
    ssl_policy              = optional(string, "ELBSecurityPolicy-TLS13-1-2-Res-2021-06")
    deletion_protection     = optional(bool, true)
    access_log_bucket       = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:${var.aws_region}:[0-9]{12}:certificate/.+", var.load_balancer.certificate_arn))
    error_message = "load_balancer.certificate_arn: an ACM certificate in aws_region."
  }

  validation {
    condition     = length(var.load_balancer.ingress_cidrs) + length(var.load_balancer.ingress_prefix_list_ids) > 0 && alltrue([for cidr in var.load_balancer.ingress_cidrs : can(cidrsubnet(cidr, 0, 0))])
    error_message = "load_balancer.ingress_cidrs: one network (or prefix list) at least, such as 203.0.113.0/24."
  }

  validation {
    condition     = can(regex("TLS13", var.load_balancer.ssl_policy))
    error_message = "load_balancer.ssl_policy: one with TLS 1.3."
  }

  validation {
    condition     = var.load_balancer.internal || var.network.existing == null || try(length(var.network.existing.public_subnet_ids) >= 2, false)
    error_message = "load_balancer: a public one needs network.existing.public_subnet_ids in two zones at least."
  }
}

variable "egress" {
  description = "What routers may reach besides each other, engines, other regions and AWS over HTTPS, such as the policy store: name to port and cidr."
  type = map(object({
    port = number
    cidr = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for to in values(var.egress) : to.port >= 1 && to.port <= 65535 && floor(to.port) == to.port])
    error_message = "egress: ports are whole numbers from 1 to 65535."
  }

  validation {
    condition     = alltrue([for to in values(var.egress) : can(cidrsubnet(to.cidr, 0, 0))])
    error_message = "egress: cidr is an IPv4 network such as 10.9.0.0/24."
  }

  validation {
    # What AWS has in a rule's description.
    condition     = alltrue([for name in keys(var.egress) : can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,200}$", name)) && name != "https"])
    error_message = "egress: names of letters, digits, blanks and ._:/()#,@+=&;{}!$*-, not https."
  }
}

variable "admin_cidrs" {
  description = "Who may connect to routers' admin listener (metrics, admin API, console) directly; empty for nobody. Needs router.admin.keys or router.admin.oidc."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrsubnet(cidr, 0, 0)) && !endswith(cidr, "/0")])
    error_message = "admin_cidrs: networks such as 10.9.0.0/24, not everybody."
  }

  validation {
    condition     = length(var.admin_cidrs) == 0 || try(length(var.router.admin.keys) > 0, false) || try(var.router.admin.oidc != null, false)
    error_message = "admin_cidrs: the admin listener is open beyond its machine only with router.admin.keys or router.admin.oidc."
  }
}

# Routers ------------------------------------------------------------------------------------------------------------------

variable "instances" {
  description = "The routers' machines: ami_id (with the systemd units of deploy/systemd, Java 25 and the AWS CLI, for x86_64 or arm64 as type is), type, min and max of them, root_device as the image calls it, volume_gib, kms_key_arn of their volumes (null for the account's default key)."
  type = object({
    ami_id      = string
    type        = optional(string, "c7g.xlarge")
    min         = optional(number, 3)
    max         = optional(number, 9)
    root_device = optional(string, "/dev/xvda")
    volume_gib  = optional(number, 20)
    kms_key_arn = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.instances.ami_id))
    error_message = "instances.ami_id: an AMI such as ami-0123456789abcdef0."
  }

  validation {
    condition     = can(regex("^[a-z0-9-]+\\.[a-z0-9-]+$", var.instances.type))
    error_message = "instances.type: an instance type such as c7g.xlarge."
  }

  validation {
    condition     = var.instances.min >= 2 && floor(var.instances.min) == var.instances.min
    error_message = "instances.min: two at least, or one failure or update leaves the region without a router."
  }

  validation {
    condition     = var.instances.max > var.instances.min && var.instances.max <= 100 && floor(var.instances.max) == var.instances.max
    error_message = "instances.max: more than min (a new router starts before an old one stops), 100 at most."
  }

  validation {
    condition     = var.instances.volume_gib >= 8 && var.instances.volume_gib <= 1024
    error_message = "instances.volume_gib: 8 to 1024."
  }
}

variable "router" {
  description = "Inputs of modules/router-config, described and validated there: pools, anonymous, tenants, engine_api_key, link, policies, admin, telemetry, secrets, secret_files, archive, heap, event_loops, sse_keep_alive_seconds, extra. What depends on AWS (discovery, addresses, peers, drain time) is set by this module."
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
    archive                = optional(object({ url = string, sha256 = string }))
    heap                   = optional(string, "2g")
    event_loops            = optional(number, 0)
    sse_keep_alive_seconds = optional(number, 30)
    extra                  = optional(any, {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = coalesce(var.router.sse_keep_alive_seconds, 30) >= 1 && coalesce(var.router.sse_keep_alive_seconds, 30) <= 300
    error_message = "router.sse_keep_alive_seconds: 1 to 300; the load balancer closes what is silent for 350 s."
  }

  validation {
    condition = (
      var.router.policies == null || try(var.router.policies.control, null) != null && try(var.router.policies.control != var.region, false)
      || startswith(try(var.router.policies.store.url, "-"), "jdbc:postgresql:")
    )
    error_message = "router.policies: routers come and go here, so the control region's share a PostgreSQL store (store.url), or another region is control. Null for the built-in policy alone."
  }
}

variable "ports" {
  description = "Ports of clients (behind the load balancer's 443), admin, cluster (Hazelcast) and link."
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
  description = "Names of the other regions. Their links are expected at PEER.LINK_DOMAIN, where modules/interconnect puts them."
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
  description = "Private domain of the regions' links, the same in all regions and in modules/interconnect; null for link.NAME.internal."
  type        = string
  default     = null

  validation {
    condition     = var.link_domain == null || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.link_domain))
    error_message = "link_domain: a domain such as link.prod.internal."
  }
}

variable "drain_seconds" {
  description = "How long requests under way may go on when a router stops: the longest stream. The load balancer and the auto-scaling group wait for it; 3600 at most, which is what a load balancer waits."
  type        = number
  default     = 600
  nullable    = false

  validation {
    condition     = var.drain_seconds >= 30 && var.drain_seconds <= 3600 && floor(var.drain_seconds) == var.drain_seconds
    error_message = "drain_seconds: a whole number from 30 to 3600."
  }
}

# Operation ----------------------------------------------------------------------------------------------------------------

variable "logs" {
  description = "retention_days of logs, and kms_key_arn that they are encrypted with (null for CloudWatch's own)."
  type = object({
    retention_days = optional(number, 365)
    kms_key_arn    = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days: one of those that CloudWatch has, such as 30, 90 or 365."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics in aws_region that are told of alarms; empty for none."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:${var.aws_region}:[0-9]{12}:.+", arn))])
    error_message = "alarm_topic_arns: ARNs of SNS topics in aws_region."
  }
}

variable "secret_key_arns" {
  description = "KMS keys of one's own that the secrets are encrypted with; empty for AWS's."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.secret_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+", arn))])
    error_message = "secret_key_arns: ARNs of KMS keys."
  }
}

variable "permissions_boundary_arn" {
  description = "Boundary of the roles that are made; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: the ARN of an IAM policy."
  }
}
