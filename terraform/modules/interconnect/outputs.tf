output "mode" {
  description = "How regions are joined: peering or transit-gateway."
  value       = local.peering ? "peering" : "transit-gateway"
}

output "links" {
  description = "Region to the address (HOST:PORT) of its link, for the other regions' routers."
  value       = { for name, region in var.regions : name => "${aws_route53_record.link[name].name}:${region.link_port}" }
}

output "link_zone_id" {
  description = "The private zone that links are named in."
  value       = aws_route53_zone.link.zone_id
}
