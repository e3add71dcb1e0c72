output "endpoint" {
  description = "Where clients of all regions go."
  value       = module.global.endpoint
}

output "links" {
  description = "Region to the address of its link."
  value       = module.interconnect.links
}
