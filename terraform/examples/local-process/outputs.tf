output "endpoints" {
  description = "For each region: where clients ask (clients), where operators do (admin), and its engines."
  value = { for region in var.regions : region => {
    clients = [for id in local.routers_of[region] : "http://127.0.0.1:${local.routers[id].ports.clients}"]
    admin   = [for id in local.routers_of[region] : "http://127.0.0.1:${local.routers[id].ports.admin}"]
    engines = [for id in local.engines_of[region] : "http://127.0.0.1:${local.engines[id].http}"]
  } }
}

output "model" {
  description = "The model to ask for."
  value       = var.model
}

output "admin_key_file" {
  description = "File with the admin key, for deploy/kvlane --key-file. The key is in no state and no output."
  value       = "${local.absolute}/admin.key"
}

output "policies" {
  description = "What modules/policy has applied."
  value       = module.policy.resources
}
