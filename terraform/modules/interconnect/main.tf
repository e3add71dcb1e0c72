# Routers of every region reach the links of every other one, and nothing else there.

locals {
  names   = sort(keys(var.regions))
  peering = var.mode == "peering" || var.mode == "auto" && length(var.regions) <= 4
  domain  = coalesce(var.link_domain, "link.${var.name}.internal")
  tags    = var.tags

  # Each pair once, and each pair in both directions.
  pairs = merge([for i, a in local.names : {
    for b in slice(local.names, i + 1, length(local.names)) : "${a}:${b}" => { from = a, to = b }
  }]...)
  ways = merge([for pair in values(local.pairs) : {
    "${pair.from}>${pair.to}" = { from = pair.from, to = pair.to, pair = "${pair.from}:${pair.to}" }
    "${pair.to}>${pair.from}" = { from = pair.to, to = pair.from, pair = "${pair.from}:${pair.to}" }
  }]...)
  routes = merge([for way, ends in local.ways : {
    for zone, table in var.regions[ends.from].private_route_table_ids : "${way}:${zone}" => merge(ends, { table = table, way = way })
  }]...)
}

# WAN rules: by peers' networks, since groups of another region cannot be named.
resource "aws_vpc_security_group_ingress_rule" "link" {
  for_each = local.ways

  region            = var.regions[each.value.to].aws_region
  security_group_id = var.regions[each.value.to].link_security_group_id
  description       = "Routers of ${each.value.from}"
  ip_protocol       = "tcp"
  from_port         = var.regions[each.value.to].link_port
  to_port           = var.regions[each.value.to].link_port
  cidr_ipv4         = var.regions[each.value.from].cidr
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "router" {
  for_each = local.ways

  region            = var.regions[each.value.from].aws_region
  security_group_id = var.regions[each.value.from].router_security_group_id
  description       = "Links of ${each.value.to}"
  ip_protocol       = "tcp"
  from_port         = var.regions[each.value.to].link_port
  to_port           = var.regions[each.value.to].link_port
  cidr_ipv4         = var.regions[each.value.to].cidr
  tags              = local.tags
}

# Names of links, known before there are any: a region's configuration says REGION.DOMAIN and depends on no other region.
resource "aws_route53_zone" "link" {
  name    = local.domain
  comment = "Links between the regions of ${var.name}"
  tags    = local.tags

  dynamic "vpc" {
    for_each = var.regions
    content {
      vpc_id     = vpc.value.vpc_id
      vpc_region = vpc.value.aws_region
    }
  }
}

resource "aws_route53_record" "link" {
  #checkov:skip=CKV2_AWS_23:What it names is a load balancer of another module.
  for_each = var.regions

  zone_id = aws_route53_zone.link.zone_id
  name    = "${each.key}.${local.domain}"
  type    = "A"

  alias {
    name    = each.value.link_dns_name
    zone_id = each.value.link_zone_id
    # All routers of a region not ready: other regions still learn that from them, and from nobody at all otherwise.
    evaluate_target_health = false
  }
}
