# Above four regions: n gateways and n attachments instead of connections and routes that grow with n * (n - 1).

resource "aws_ec2_transit_gateway" "this" {
  for_each = local.peering ? {} : var.regions

  region                         = each.value.aws_region
  description                    = "${var.name}: links of ${each.key}"
  auto_accept_shared_attachments = "disable"
  tags                           = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  for_each = local.peering ? {} : var.regions

  region             = each.value.aws_region
  transit_gateway_id = aws_ec2_transit_gateway.this[each.key].id
  vpc_id             = each.value.vpc_id
  subnet_ids         = values(each.value.private_subnet_ids)
  tags               = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_ec2_transit_gateway_peering_attachment" "this" {
  for_each = local.peering ? {} : local.pairs

  region                  = var.regions[each.value.from].aws_region
  transit_gateway_id      = aws_ec2_transit_gateway.this[each.value.from].id
  peer_transit_gateway_id = aws_ec2_transit_gateway.this[each.value.to].id
  peer_region             = var.regions[each.value.to].aws_region
  tags                    = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_ec2_transit_gateway_peering_attachment_accepter" "this" {
  for_each = local.peering ? {} : local.pairs

  region                        = var.regions[each.value.to].aws_region
  transit_gateway_attachment_id = aws_ec2_transit_gateway_peering_attachment.this[each.key].id
  tags                          = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

# Peered gateways tell each other no routes.
resource "aws_ec2_transit_gateway_route" "this" {
  for_each = local.peering ? {} : local.ways

  region                         = var.regions[each.value.from].aws_region
  destination_cidr_block         = var.regions[each.value.to].cidr
  transit_gateway_route_table_id = aws_ec2_transit_gateway.this[each.value.from].association_default_route_table_id
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_peering_attachment_accepter.this[each.value.pair].id
}

resource "aws_route" "transit" {
  for_each = local.peering ? {} : local.routes

  region                 = var.regions[each.value.from].aws_region
  route_table_id         = each.value.table
  destination_cidr_block = var.regions[each.value.to].cidr
  transit_gateway_id     = aws_ec2_transit_gateway_vpc_attachment.this[each.value.from].transit_gateway_id
}
