# A VPC of its own: a private subnet a zone for routers and engines, and a public one a zone for the load balancer.

locals {
  owns_network = var.network.existing == null
  zones        = local.owns_network ? { for i, zone in var.network.zones : zone => i } : {}
  public       = local.owns_network && (!var.load_balancer.internal || var.network.nat != "none")
  public_zones = local.public ? local.zones : {}
  # Zones that have a NAT gateway, and which one each zone takes.
  nat_zones = !local.owns_network || var.network.nat == "none" ? [] : var.network.nat == "single" ? [var.network.zones[0]] : var.network.zones
  nat_of    = { for zone in keys(local.zones) : zone => contains(local.nat_zones, zone) ? zone : local.nat_zones[0] if length(local.nat_zones) > 0 }

  vpc_id                  = local.owns_network ? aws_vpc.this[0].id : var.network.existing.vpc_id
  vpc_cidr                = local.owns_network ? var.network.cidr : var.network.existing.cidr
  private_subnet_ids      = local.owns_network ? { for zone, subnet in aws_subnet.private : zone => subnet.id } : var.network.existing.private_subnet_ids
  public_subnet_ids       = local.owns_network ? { for zone, subnet in aws_subnet.public : zone => subnet.id } : var.network.existing.public_subnet_ids
  private_route_table_ids = local.owns_network ? { for zone, table in aws_route_table.private : zone => table.id } : var.network.existing.private_route_table_ids
}

resource "aws_vpc" "this" {
  count = local.owns_network ? 1 : 0

  region               = var.aws_region
  cidr_block           = var.network.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(local.tags, { Name = local.cell })
}

# Whoever forgets to name a security group gets one that allows nothing.
resource "aws_default_security_group" "this" {
  count = local.owns_network ? 1 : 0

  region = var.aws_region
  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${local.cell}-default-closed" })
}

resource "aws_subnet" "private" {
  for_each = local.zones

  region            = var.aws_region
  vpc_id            = aws_vpc.this[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.network.cidr, 3, each.value)
  tags              = merge(local.tags, { Name = "${local.cell}-private-${each.key}" })
}

resource "aws_subnet" "public" {
  for_each = local.public_zones

  region                  = var.aws_region
  vpc_id                  = aws_vpc.this[0].id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.network.cidr, 6, 32 + each.value)
  map_public_ip_on_launch = false
  tags                    = merge(local.tags, { Name = "${local.cell}-public-${each.key}" })
}

resource "aws_internet_gateway" "this" {
  count = local.public ? 1 : 0

  region = var.aws_region
  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = local.cell })
}

resource "aws_route_table" "public" {
  count = local.public ? 1 : 0

  region = var.aws_region
  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${local.cell}-public" })
}

resource "aws_route" "public" {
  count = local.public ? 1 : 0

  region                 = var.aws_region
  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  for_each = local.public_zones

  region         = var.aws_region
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)

  region = var.aws_region
  domain = "vpc"
  tags   = merge(local.tags, { Name = "${local.cell}-nat-${each.key}" })
}

resource "aws_nat_gateway" "this" {
  for_each = toset(local.nat_zones)

  region        = var.aws_region
  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id
  tags          = merge(local.tags, { Name = "${local.cell}-${each.key}" })

  depends_on = [aws_internet_gateway.this]
}

resource "aws_route_table" "private" {
  for_each = local.zones

  region = var.aws_region
  vpc_id = aws_vpc.this[0].id
  tags   = merge(local.tags, { Name = "${local.cell}-private-${each.key}" })
}

resource "aws_route" "private" {
  for_each = local.nat_of

  region                 = var.aws_region
  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.value].id
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  region         = var.aws_region
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

# Archives in S3 come by this way, not through the NAT gateways, which cost by the byte.
resource "aws_vpc_endpoint" "s3" {
  count = local.owns_network ? 1 : 0

  region            = var.aws_region
  vpc_id            = aws_vpc.this[0].id
  service_name      = "com.amazonaws.${var.aws_region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = values(local.private_route_table_ids)
  tags              = merge(local.tags, { Name = "${local.cell}-s3" })
}

resource "aws_flow_log" "this" {
  count = local.owns_network && var.network.flow_logs ? 1 : 0

  region          = var.aws_region
  vpc_id          = aws_vpc.this[0].id
  traffic_type    = "REJECT"
  log_destination = aws_cloudwatch_log_group.flow[0].arn
  iam_role_arn    = aws_iam_role.flow[0].arn
  tags            = merge(local.tags, { Name = local.cell })
}
