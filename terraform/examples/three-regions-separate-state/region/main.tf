# One region, with a state of its own: whatever goes wrong here touches no other region. Applied once for each.

locals {
  here = var.regions[var.region]
}

provider "aws" {
  region = local.here.aws_region
}

module "region" {
  source = "../../../modules/region"

  name       = var.name
  region     = var.region
  aws_region = local.here.aws_region
  network    = { cidr = local.here.cidr, zones = local.here.zones }
  peers      = setsubtract(keys(var.regions), [var.region])

  load_balancer = {
    certificate_arn = local.here.certificate_arn
    ingress_cidrs   = var.ingress_cidrs
  }
  instances = { ami_id = local.here.router_ami_id }
  egress    = var.policy_store == null ? {} : { "policy store" = { port = var.policy_store.port, cidr = var.policy_store.cidr } }

  router = {
    pools = [{ model = var.engine.model }]
    link = {
      certificate = "/run/kvlane/link.crt.pem"
      key         = "/run/kvlane/link.key.pem"
      trust       = "/run/kvlane/link.ca.pem"
    }
    secret_files = {
      "/run/kvlane/link.crt.pem" = local.here.link_secret_arns.certificate
      "/run/kvlane/link.key.pem" = local.here.link_secret_arns.key
      "/run/kvlane/link.ca.pem"  = local.here.link_secret_arns.trust
    }
    policies = {
      control = var.control_region
      store = var.policy_store == null ? {} : {
        url      = var.policy_store.url
        user     = var.policy_store.user
        password = var.policy_store.password_arn
      }
    }
  }
}

module "engines" {
  source = "../../../modules/engine-pool"

  cell   = module.region.pool
  pool   = "main"
  engine = { command = var.engine.command }
  agent  = { model = var.engine.model }
  instances = {
    ami_id = local.here.engine_ami_id
    type   = var.engine.type
    min    = var.engine.min
    max    = var.engine.max
  }
}
