# Rules are resources of their own: other modules (engine-pool, interconnect) add theirs to these groups.

# The cell's own group, which routers, agents and the inner load balancer are in. Hazelcast has neither TLS nor
# authentication: its port is open to members of this group and to nobody else.
resource "aws_security_group" "cluster" {
  region      = var.aws_region
  vpc_id      = local.vpc_id
  name_prefix = "${local.cell}-cluster-"
  description = "Members and clients of the Hazelcast cluster of one cell"
  tags        = merge(local.tags, { Name = "${local.cell}-cluster" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "cluster" {
  region                       = var.aws_region
  security_group_id            = aws_security_group.cluster.id
  description                  = "Hazelcast, from the cell alone"
  ip_protocol                  = "tcp"
  from_port                    = var.ports.cluster
  to_port                      = var.ports.cluster
  referenced_security_group_id = aws_security_group.cluster.id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "cluster" {
  region                       = var.aws_region
  security_group_id            = aws_security_group.cluster.id
  description                  = "Hazelcast, to the cell alone"
  ip_protocol                  = "tcp"
  from_port                    = var.ports.cluster
  to_port                      = var.ports.cluster
  referenced_security_group_id = aws_security_group.cluster.id
  tags                         = local.tags
}

# Routers.
resource "aws_security_group" "router" {
  region      = var.aws_region
  vpc_id      = local.vpc_id
  name_prefix = "${local.cell}-router-"
  description = "Routers"
  tags        = merge(local.tags, { Name = "${local.cell}-router" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "router" {
  for_each = {
    clients = { from = aws_security_group.clients.id, port = var.ports.clients, why = "Clients, by their load balancer" }
    link    = { from = aws_security_group.link.id, port = var.ports.link, why = "Routers of other regions, by the inner load balancer" }
    ready   = { from = aws_security_group.link.id, port = var.ports.clients, why = "The inner load balancer asks for /ready" }
  }

  region                       = var.aws_region
  security_group_id            = aws_security_group.router.id
  description                  = each.value.why
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  referenced_security_group_id = each.value.from
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "admin" {
  for_each = toset(var.admin_cidrs)

  region            = var.aws_region
  security_group_id = aws_security_group.router.id
  description       = "Operators"
  ip_protocol       = "tcp"
  from_port         = var.ports.admin
  to_port           = var.ports.admin
  cidr_ipv4         = each.value
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "router" {
  for_each = merge(var.egress, { https = { port = 443, cidr = "0.0.0.0/0" } })

  region            = var.aws_region
  security_group_id = aws_security_group.router.id
  description       = each.key == "https" ? "AWS (secrets, discovery, logs)" : each.key
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  tags              = local.tags
}

# The clients' load balancer.
resource "aws_security_group" "clients" {
  region      = var.aws_region
  vpc_id      = local.vpc_id
  name_prefix = "${local.cell}-clients-"
  description = "The load balancer that clients connect to"
  tags        = merge(local.tags, { Name = "${local.cell}-clients" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = toset(var.load_balancer.ingress_cidrs)

  region            = var.aws_region
  security_group_id = aws_security_group.clients.id
  description       = "Clients"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.value
  tags              = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "clients_by_list" {
  for_each = var.load_balancer.ingress_prefix_list_ids

  region            = var.aws_region
  security_group_id = aws_security_group.clients.id
  description       = "Clients, by prefix list"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "clients" {
  region                       = var.aws_region
  security_group_id            = aws_security_group.clients.id
  description                  = "Routers"
  ip_protocol                  = "tcp"
  from_port                    = var.ports.clients
  to_port                      = var.ports.clients
  referenced_security_group_id = aws_security_group.router.id
  tags                         = local.tags
}

# The inner load balancer; modules/interconnect lets the other regions in.
resource "aws_security_group" "link" {
  region      = var.aws_region
  vpc_id      = local.vpc_id
  name_prefix = "${local.cell}-link-"
  description = "The load balancer that routers of other regions connect to"
  tags        = merge(local.tags, { Name = "${local.cell}-link" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "link" {
  for_each = { link = var.ports.link, ready = var.ports.clients }

  region                       = var.aws_region
  security_group_id            = aws_security_group.link.id
  description                  = each.key == "link" ? "Routers" : "Whether routers are ready"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.router.id
  tags                         = local.tags
}
