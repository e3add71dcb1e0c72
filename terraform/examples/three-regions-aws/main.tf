# Three regions, or any number of them, from one state.

# Each resource says its region itself; this one is for those that have none.
provider "aws" {
  region = var.regions[var.control_region].aws_region
}

module "region" {
  source   = "../../modules/region"
  for_each = var.regions

  name       = var.name
  region     = each.key
  aws_region = each.value.aws_region
  network    = { cidr = each.value.cidr, zones = each.value.zones }
  peers      = setsubtract(keys(var.regions), [each.key])

  load_balancer = {
    certificate_arn = each.value.certificate_arn
    ingress_cidrs   = var.ingress_cidrs
  }
  instances        = { ami_id = each.value.router_ami_id }
  admin_cidrs      = var.admin_cidrs
  alarm_topic_arns = each.value.alarm_topic_arns
  egress           = each.key == var.control_region ? { "policy store" = { port = var.policy_store.port, cidr = var.policy_store.cidr } } : {}

  router = {
    pools = [{ model = var.engine.model }]
    link = {
      certificate = "/run/kvlane/link.crt.pem"
      key         = "/run/kvlane/link.key.pem"
      trust       = "/run/kvlane/link.ca.pem"
    }
    secret_files = {
      "/run/kvlane/link.crt.pem" = each.value.link_secret_arns.certificate
      "/run/kvlane/link.key.pem" = each.value.link_secret_arns.key
      "/run/kvlane/link.ca.pem"  = each.value.link_secret_arns.trust
    }
    admin = { keys = [{ id = "operators", hash = var.admin_key_hash, role = "admin" }] }
    policies = {
      control = var.control_region
      store = each.key != var.control_region ? {} : {
        url      = var.policy_store.url
        user     = var.policy_store.user
        password = var.policy_store.password_arn
      }
    }
  }
}

module "engines" {
  source   = "../../modules/engine-pool"
  for_each = var.regions

  cell   = module.region[each.key].pool
  pool   = "main"
  engine = { command = var.engine.command }
  agent  = { model = var.engine.model }
  instances = {
    ami_id = each.value.engine_ami_id
    type   = var.engine.type
    min    = var.engine.min
    max    = var.engine.max
  }
}

module "interconnect" {
  source = "../../modules/interconnect"

  name    = var.name
  regions = { for name, region in module.region : name => region.interconnect }
}

module "global" {
  source = "../../modules/global"

  name        = var.name
  domain      = var.domain
  zone_id     = var.zone_id
  accelerator = var.accelerator
  regions     = { for name, region in module.region : name => merge(region.global, { dial = var.regions[name].dial }) }
}

module "observability" {
  source = "../../modules/observability"

  name             = var.name
  aws_region       = var.regions[var.control_region].aws_region
  regions          = { for name, region in module.region : name => region.observability }
  alarm_topic_arns = { for region in values(var.regions) : region.aws_region => region.alarm_topic_arns }
}
