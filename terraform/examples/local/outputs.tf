output "endpoints" {
  description = "For each region: where clients ask (clients), and where operators do (admin)."
  value       = { for region, of in module.region : region => of.endpoints }
}

output "containers" {
  description = "For each region its containers and their ids: routers, engines, agents."
  value       = { for region, of in module.region : region => of.containers }
}

output "model" {
  description = "The model to ask for."
  value       = var.model
}

output "admin_key_file" {
  description = "File with the admin key, for deploy/kvlane --key-file. The key is in no state and no output."
  value       = abspath("${local.run}/admin.key")
}

output "policies" {
  description = "What modules/policy has applied."
  value       = module.policy.resources
}
