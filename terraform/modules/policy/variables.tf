variable "admin_url" {
  description = "The admin listener of any router of any region, such as https://admin.example.com:9100. Plain http carries the key readably: on loopback only."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(https://[^\\s/@]+|http://(127\\.[0-9.]+|localhost|\\[::1\\])(:[0-9]{1,5})?)$", var.admin_url))
    error_message = "admin_url: https://HOST[:PORT], or http:// on loopback, without credentials and path."
  }
}

variable "key_file" {
  description = "File that holds the admin key (role operator), where Terraform runs. Null: the environment variable KVLANE_ADMIN_KEY, inherited by the scripts. The key itself is never a variable: it would be in the state."
  type        = string
  default     = null

  validation {
    condition     = var.key_file == null || can(regex("^[^\\s]+$", var.key_file)) && !can(regex("^kvl_", var.key_file))
    error_message = "key_file: the path of a file, never the key itself."
  }
}

variable "ca_file" {
  description = "PEM file of the authorities of the admin listener's certificate, where Terraform runs; null for those that the machine trusts."
  type        = string
  default     = null
}

variable "owner" {
  description = "Who owns what is applied here. It stands in each revision's description (terraform/OWNER: ...); what was last written by anybody else is not overwritten. Different for each configuration that writes to the same routers."
  type        = string
  default     = "terraform"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.owner))
    error_message = "owner: 1 to 63 of a-z, 0-9 and -, a letter first."
  }
}

variable "manifests" {
  description = "What shall be: any name (a file's) to the YAML text of one resource with kind (Policy, Pool or Tenant), id and its fields, as kvlane policy get shows it. All are written as one revision or not at all."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for name, text in var.manifests : can(yamldecode(text).kind) && can(yamldecode(text).id)])
    error_message = "manifests: each is one YAML document with kind and id."
  }

  validation {
    condition     = alltrue([for name, text in var.manifests : contains(["Policy", "Pool", "Tenant"], try(yamldecode(text).kind, "Policy"))])
    error_message = "manifests: kind is Policy, Pool or Tenant. Keys are made with kvlane key create: they are shown once, and would be in the state."
  }

  validation {
    condition     = alltrue([for name, text in var.manifests : can(regex("^[a-z][a-z0-9-]{0,62}$", yamldecode(text).id))])
    error_message = "manifests: id is at most 63 of a-z, 0-9 and -, a letter first."
  }

  validation {
    condition     = length(distinct([for name, text in var.manifests : "${try(yamldecode(text).kind, name)}/${try(yamldecode(text).id, name)}"])) == length(var.manifests)
    error_message = "manifests: each resource is described once."
  }

  validation {
    condition     = length(jsonencode(var.manifests)) < 100000
    error_message = "manifests: at most 100 kB together."
  }
}

variable "adopt" {
  description = "What exists already and is taken over: resource (policies/default) to the ETag of the version that may be overwritten. A failed apply prints the line for what has stopped it. What was adopted stays when it is removed here."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.adopt) : can(regex("^(policies|pools|tenants)/[a-z][a-z0-9-]{0,62}$", name))])
    error_message = "adopt: names are like policies/default."
  }

  validation {
    condition     = alltrue([for etag in values(var.adopt) : can(regex("^\"r[0-9]+-[0-9a-f]{16}\"$", etag))])
    error_message = "adopt: values are ETags, with their quotes."
  }
}

variable "message" {
  description = "What the revision is for: stands in its description."
  type        = string
  default     = "applied"
  nullable    = false

  validation {
    condition     = length(var.message) <= 500 && !can(regex("[\\x00-\\x1f]", var.message))
    error_message = "message: one line, at most 500 characters."
  }
}

variable "wait_seconds" {
  description = "How long to wait until all routers of all regions serve the revision, 0 to 600; then the apply fails, and what was written stays. 0 does not wait."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.wait_seconds >= 0 && var.wait_seconds <= 600 && floor(var.wait_seconds) == var.wait_seconds
    error_message = "wait_seconds: a whole number from 0 to 600."
  }
}

variable "triggers" {
  description = "Texts whose change has everything written again, such as what identifies the policy store: one that is made anew is empty."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "unreachable_on_destroy" {
  description = "What to do when something is to be removed and the routers cannot be reached: fail, or ignore where the policy store goes away with the routers."
  type        = string
  default     = "fail"
  nullable    = false

  validation {
    condition     = contains(["fail", "ignore"], var.unreachable_on_destroy)
    error_message = "unreachable_on_destroy: fail or ignore."
  }
}
