output "endpoint" {
  description = "Where clients of all regions go."
  value       = "https://${var.domain}"
}

output "region_endpoints" {
  description = "Region to where its own clients go."
  value       = { for name, record in aws_route53_record.region : name => "https://${record.name}" }
}

output "addresses" {
  description = "The accelerator's fixed addresses; empty without one."
  value       = var.accelerator ? flatten(aws_globalaccelerator_accelerator.this[0].ip_sets[*].ip_addresses) : []
}

output "health_check_ids" {
  description = "Region to its health check; empty with an accelerator."
  value       = { for name, check in aws_route53_health_check.region : name => check.id }
}
