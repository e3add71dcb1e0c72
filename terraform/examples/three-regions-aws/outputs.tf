output "endpoint" {
  description = "Where clients of all regions go."
  value       = module.global.endpoint
}

output "region_endpoints" {
  description = "Region to where its own clients go."
  value       = module.global.region_endpoints
}

output "links" {
  description = "Region to the address of its link."
  value       = module.interconnect.links
}
