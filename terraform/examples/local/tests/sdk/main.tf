# Drives routers by the OpenAI SDK where it is, and else by what it sends. For tests.

terraform {
  required_version = ">= 1.9"
}

variable "urls" {
  description = "Whom to ask: region to the router's URL."
  type        = map(string)
}

variable "model" {
  description = "The model to ask for."
  type        = string
}

resource "terraform_data" "sdk" {
  for_each         = var.urls
  triggers_replace = plantimestamp()

  provisioner "local-exec" {
    command = "bash '${path.module}/sdk' '${each.value}' '${var.model}'"
  }
}
