# Kills processes of the example, as a crash would. For tests.

terraform {
  required_version = ">= 1.9"
}

variable "run" {
  description = "The example's folder with its records."
  type        = string
}

variable "pattern" {
  description = "Which: a pattern of file names without the suffix, such as us-east-*."
  type        = string
}

resource "terraform_data" "loss" {
  # By the time alone, two losses in one second would be one.
  triggers_replace = [var.pattern, plantimestamp()]

  provisioner "local-exec" {
    command = "for file in '${var.run}'/${var.pattern}.json; do kill -9 \"$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/' \"$file\")\"; done"
  }
}
