output "interconnect" {
  description = "What the global state joins this region by."
  value       = module.region.interconnect
}

output "global" {
  description = "Where the global state sends clients to."
  value       = module.region.global
}

output "observability" {
  description = "What the global state watches."
  value       = module.region.observability
}
