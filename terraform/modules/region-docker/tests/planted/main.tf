# A region with a secret in each place that takes one, for terraform/apply-local: it looks for them where none belongs.

variable "keys" {
  description = "Folder on Docker's machine with the secrets: engine, salt, collector, admin.hash."
  type        = string
}

variable "tenant_hash" {
  description = "SHA-256 of the tenant's key."
  type        = string
}

variable "image_tag" {
  description = "The images' tag."
  type        = string
}

data "docker_image" "this" {
  for_each = toset(["router", "engine", "agent"])

  name = "kvlane/${each.key}:${var.image_tag}"
}

module "region" {
  source = "../.."

  name      = "kvlane-planted"
  region    = "us-east"
  images    = { for name, image in data.docker_image.this : name => image.id }
  instances = { count = 1 }
  engines   = { count = 1 }
  publish   = { clients = 29501, admin = 29511 }
  mounts    = { "/keys" = { host = var.keys } }
  router = {
    pools          = [{ model = "kvlane-demo" }]
    anonymous      = false
    tenants        = [{ name = "acme", keys = [var.tenant_hash], salt = "file:/keys/salt" }]
    engine_api_key = "file:/keys/engine"
    telemetry      = { otlp_endpoint = "http://127.0.0.1:1/v1/traces", authorization = "file:/keys/collector" }
    admin          = { keys = [{ id = "local", role = "admin", hash = format("%064d", 0) }] }
    secrets        = { KVLANE_ADMIN_KEYS_0_HASH = "file:/keys/admin.hash" }
    secret_files   = { "/run/kvlane/planted" = "file:/keys/file" }
  }
  drain_seconds = 5
}

output "clients" {
  description = "Whom to ask."
  value       = module.region.endpoint
}

output "admin" {
  description = "Where operators do."
  value       = module.region.endpoints.admin[0]
}
