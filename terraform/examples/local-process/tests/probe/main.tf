# Asks routers for a chat completion, and fails unless the answer is as expected. For tests.

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

variable "header" {
  description = "A header of the request, such as \"x-workload: batch\"; empty for none."
  type        = string
  default     = ""
}

variable "expected" {
  description = "Region to what a line of the answer's head must match, each an extended regular expression."
  type        = map(list(string))
  default     = {}
}

variable "seconds" {
  description = "How long an answer may stay unlike what is expected. Whatever it is, it has to be a 200 from the first request on."
  type        = number
  default     = 0
}

resource "terraform_data" "probe" {
  for_each         = var.urls
  triggers_replace = plantimestamp()

  provisioner "local-exec" {
    command = "bash '${path.module}/probe' '${each.value}' '${var.model}' '${var.header}' '${var.seconds}' ${join(" ", [for line in lookup(var.expected, each.key, []) : "'${line}'"])}"
  }
}
