resource "aws_vpc_peering_connection" "this" {
  for_each = local.peering ? local.pairs : {}

  region      = var.regions[each.value.from].aws_region
  vpc_id      = var.regions[each.value.from].vpc_id
  peer_vpc_id = var.regions[each.value.to].vpc_id
  peer_region = var.regions[each.value.to].aws_region
  tags        = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_vpc_peering_connection_accepter" "this" {
  for_each = local.peering ? local.pairs : {}

  region                    = var.regions[each.value.to].aws_region
  vpc_peering_connection_id = aws_vpc_peering_connection.this[each.key].id
  auto_accept               = true
  tags                      = merge(local.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_route" "peering" {
  for_each = local.peering ? local.routes : {}

  region                    = var.regions[each.value.from].aws_region
  route_table_id            = each.value.table
  destination_cidr_block    = var.regions[each.value.to].cidr
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.this[each.value.pair].id
}
