# Kills containers of the example, as a crash would. For tests.

terraform {
  required_version = ">= 1.9"
}

variable "containers" {
  description = "Container to its id, as the example puts them out."
  type        = map(string)
}

variable "remove" {
  description = "Whether they are removed, too."
  type        = bool
  default     = false
}

resource "terraform_data" "loss" {
  # By the time alone, two losses in one second would be one.
  triggers_replace = [var.containers, plantimestamp()]

  provisioner "local-exec" {
    command = "docker kill ${join(" ", values(var.containers))} ${var.remove ? "&& docker rm ${join(" ", values(var.containers))}" : ""}"
  }
}
