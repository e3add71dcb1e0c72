output "cell" {
  description = "NAME-REGION: the name of the cluster that the agent connects to."
  value       = local.cell
}

output "environment" {
  description = "The agent's environment (KVLANE_AGENT_...): all that can be said before the machine is there. No secret."
  value       = local.environment
}

output "unit_drop_in" {
  description = "Text for /etc/systemd/system/kvlane-agent.service.d/50-terraform.conf."
  value       = local.unit_drop_in
}

output "user_data" {
  description = "cloud-init (#cloud-config) that installs the archive if there is one, writes environment and drop-in and starts the agent. No secret. To be merged with what starts the engine (write_files and runcmd are outputs too)."
  value       = "#cloud-config\n${yamlencode({ write_files = local.write_files, runcmd = local.runcmd })}"
}

output "write_files" {
  description = "The files of user_data, for a cloud-init that starts the engine as well."
  value       = local.write_files
}

output "runcmd" {
  description = "The commands of user_data, for a cloud-init that starts the engine as well."
  value       = local.runcmd
}
