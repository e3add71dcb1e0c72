locals {
  # The tag contract: the router finds its cell's members by the same file.
  tag = jsondecode(file("${path.module}/../../../router/src/main/resources/io/kvlane/router/cluster/tags.json"))

  cell = "${var.name}-${var.region}"
  tags = merge(var.tags, {
    (local.tag.cell)   = local.cell
    (local.tag.region) = var.region
  })
  router_tags = merge(local.tags, {
    (local.tag.role) = "router"
    Name             = "${local.cell}-router"
  })

  link_domain = coalesce(var.link_domain, "link.${var.name}.internal")
}

# What a router on one of these machines is told.
module "config" {
  source = "../router-config"

  name      = var.name
  region    = var.region
  bind      = { clients = "0.0.0.0", admin = length(var.admin_cidrs) > 0 ? "0.0.0.0" : "127.0.0.1", link = "0.0.0.0" }
  ports     = var.ports
  discovery = { type = "aws", aws_region = var.aws_region }
  peers     = { for peer in var.peers : peer => ["${peer}.${local.link_domain}:${var.ports.link}"] }

  pools                  = var.router.pools
  anonymous              = var.router.anonymous
  tenants                = var.router.tenants
  engine_api_key         = var.router.engine_api_key
  link                   = var.router.link
  policies               = var.router.policies
  admin                  = var.router.admin
  telemetry              = var.router.telemetry
  secrets                = var.router.secrets
  secret_files           = var.router.secret_files
  archive                = var.router.archive
  heap                   = var.router.heap
  event_loops            = var.router.event_loops
  sse_keep_alive_seconds = var.router.sse_keep_alive_seconds
  extra                  = var.router.extra
  drain_seconds          = var.drain_seconds
}
