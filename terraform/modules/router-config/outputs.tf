output "cell" {
  description = "NAME-REGION: the cluster's name and the value of the tag kvlane:cell."
  value       = local.cell
}

output "yaml" {
  description = "The router's configuration file. It holds no secret."
  value       = local.yaml
}

output "environment" {
  description = "The router's environment, without secrets: what goes beside the file."
  value       = local.environment
}

output "secret_references" {
  description = "Environment variable to the reference of the secret that it takes when the router starts."
  value       = local.secret_references
}

output "secret_file_references" {
  description = "File to the reference of the secret that is put there when the router starts."
  value       = local.secret_file_references
}

output "secret_arns" {
  description = "ARNs that the router's machine must be allowed to read, sorted."
  value       = local.secret_arns
}

output "unit_drop_in" {
  description = "Text for /etc/systemd/system/kvlane-router.service.d/50-terraform.conf: configuration, environment, secrets, stop time."
  value       = local.unit_drop_in
}

output "user_data" {
  description = "cloud-init (#cloud-config) that installs the archive if there is one, writes configuration and drop-in and starts the router. It holds references only, no secret. Under 16 KiB."
  value       = local.user_data
}

output "write_files" {
  description = "The files of user_data, for a cloud-init that does more."
  value       = local.write_files
}

output "runcmd" {
  description = "The commands of user_data, for a cloud-init that does more."
  value       = local.runcmd
}

output "ports" {
  description = "The ports: clients, admin, cluster, link."
  value       = var.ports
}

output "drain_seconds" {
  description = "How long requests under way may go on when the router stops."
  value       = var.drain_seconds
}

output "stop_timeout_seconds" {
  description = "How long to wait for the router to stop before it is killed: the drain time and what leaving the cluster takes."
  value       = local.stop_timeout_seconds
}

output "health" {
  description = "Paths on the admin listener: live (the process works) and ready (it takes requests; 503 while it drains), and its port."
  value       = { port = var.ports.admin, live = "/health", ready = "/ready" }
}
