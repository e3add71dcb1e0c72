# What is between the regions: their links, the name that clients use, the dashboard. It reads the regions' states and
# writes none of them.

provider "aws" {
  region = var.state.region
}

data "terraform_remote_state" "region" {
  for_each = var.dials
  backend  = "s3"

  config = {
    bucket = var.state.bucket
    region = var.state.region
    key    = "kvlane/${each.key}.tfstate"
  }
}

module "interconnect" {
  source = "../../../modules/interconnect"

  name    = var.name
  regions = { for name, state in data.terraform_remote_state.region : name => state.outputs.interconnect }
}

module "global" {
  source = "../../../modules/global"

  name    = var.name
  domain  = var.domain
  zone_id = var.zone_id
  regions = { for name, state in data.terraform_remote_state.region : name => merge(state.outputs.global, { dial = var.dials[name] }) }
}

module "observability" {
  source = "../../../modules/observability"

  name       = var.name
  aws_region = var.state.region
  regions    = { for name, state in data.terraform_remote_state.region : name => state.outputs.observability }
}
