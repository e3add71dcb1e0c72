output "resources" {
  description = "What is applied: policies/ID, pools/ID, tenants/ID. Known when it is written."
  value       = terraform_data.revision.output.resources
}
