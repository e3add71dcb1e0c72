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

variable "regions" {
  description = "Region to its output interconnect (modules/region): 2 to 16, whose networks do not overlap."
  type = map(object({
    aws_region               = string
    vpc_id                   = string
    cidr                     = string
    private_subnet_ids       = map(string)
    private_route_table_ids  = map(string)
    router_security_group_id = string
    link_security_group_id   = string
    link_dns_name            = string
    link_zone_id             = string
    link_port                = number
  }))
  nullable = false

  validation {
    condition     = length(var.regions) >= 2 && length(var.regions) <= 16
    error_message = "regions: 2 to 16."
  }

  validation {
    condition     = alltrue([for region in values(var.regions) : can(cidrsubnet(region.cidr, 0, 0))])
    error_message = "regions: cidr is an IPv4 network such as 10.1.0.0/16."
  }

  validation {
    # Two networks overlap where the longer one's address, cut to the shorter one's length, is the shorter one.
    condition = alltrue(flatten([for a, one in var.regions : [for b, other in var.regions :
      a == b || try(tonumber(split("/", one.cidr)[1]) > tonumber(split("/", other.cidr)[1])
      || cidrsubnet("${split("/", other.cidr)[0]}/${split("/", one.cidr)[1]}", 0, 0) != cidrsubnet(one.cidr, 0, 0), true)
    ]]))
    error_message = "regions: networks (cidr) that are joined must not overlap."
  }

  validation {
    condition     = alltrue([for region in values(var.regions) : length(region.private_route_table_ids) > 0])
    error_message = "regions: private_route_table_ids, one at least, or there is no way to the others."
  }
}

variable "mode" {
  description = "peering (a connection for each pair: cheapest, for up to 4 regions), transit-gateway (one gateway a region, peered), or auto: peering for up to 4 regions, transit-gateway for more."
  type        = string
  default     = "auto"
  nullable    = false

  validation {
    condition     = contains(["auto", "peering", "transit-gateway"], var.mode)
    error_message = "mode: auto, peering or transit-gateway."
  }

  validation {
    condition     = var.mode != "peering" || length(var.regions) <= 4
    error_message = "mode: peering is for up to 4 regions."
  }

  validation {
    condition     = var.mode == "peering" || var.mode == "auto" && length(var.regions) <= 4 || length(distinct([for region in values(var.regions) : region.aws_region])) == length(var.regions)
    error_message = "mode: with transit gateways each region is in an AWS region of its own."
  }
}

variable "link_domain" {
  description = "Private domain of the regions' links, the same as the regions'; null for link.NAME.internal."
  type        = string
  default     = null

  validation {
    condition     = var.link_domain == null || can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.link_domain))
    error_message = "link_domain: a domain such as link.prod.internal."
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
