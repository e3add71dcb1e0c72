# Three regions of real routers, simulated engines and agents in containers on this machine. Each region has a network of its
# own; routers alone are in the network between the regions. What is gone is seen when a plan is made, and comes again.

locals {
  run      = "${path.module}/${var.run}"
  script   = "${path.module}/local"
  control  = var.regions[0]
  version  = coalesce(var.image_tag, regex("<version>([^<]+)</version>", file("${path.module}/../../../pom.xml"))[0])
  base     = { for i, region in var.regions : region => var.base_port + 100 * i }
  resource = "${var.name}-between"
}

provider "docker" {}

data "docker_image" "this" {
  for_each = toset(["router", "engine", "agent"])

  name = "${var.image_prefix}${each.key}:${local.version}"
}

# The admin key, which neither the state nor a plan knows, in a folder of its own; its hash where routers read it.
resource "terraform_data" "run" {
  input            = { run = local.run, script = local.script }
  triggers_replace = [try(file("${local.run}/generation"), plantimestamp())]

  provisioner "local-exec" {
    command = "bash '${local.script}' prepare '${local.run}' '${self.triggers_replace[0]}'"
  }

  provisioner "local-exec" {
    when    = destroy
    command = "bash '${self.input.script}' clean '${self.input.run}'"
  }
}

resource "docker_network" "between" {
  name = local.resource
}

# Each region's certificate for the link, made in a container and kept in a volume: no key is on this machine's disk or in a state.
resource "docker_volume" "certificates" {
  name = "${var.name}-certificates"
}

resource "docker_container" "certificates" {
  name       = "${var.name}-certificates"
  image      = data.docker_image.this["engine"].id
  entrypoint = ["java", "-cp", "/opt/kvlane/classpath/*:/opt/kvlane/libs/*", "io.kvlane.simulator.live.link.CertificatesMain"]
  command    = concat(["--directory", "/var/lib/kvlane/made"], sort(var.regions))

  network_mode  = "none"
  read_only     = true
  security_opts = ["no-new-privileges:true"]
  tmpfs         = { "/tmp" = "mode=1777,size=16m" }
  # It ends when it is done.
  must_run = false
  attach   = true

  capabilities {
    drop = ["ALL"]
  }

  volumes {
    volume_name    = docker_volume.certificates.name
    container_path = "/var/lib/kvlane"
  }
}

module "region" {
  source   = "../../modules/region-docker"
  for_each = toset(var.regions)

  name   = var.name
  region = each.key
  images = { for name, image in data.docker_image.this : name => image.id }
  # New keys or certificates: routers that read them.
  tags = { keys = terraform_data.run.id, certificates = docker_container.certificates.id }

  wan       = length(var.regions) == 1 ? null : docker_network.between.name
  peers     = setsubtract(var.regions, [each.key])
  publish   = { clients = local.base[each.key] + 1, admin = local.base[each.key] + 11 }
  instances = { count = var.routers_per_region, memory_mib = 640 }
  engines   = { count = var.engines_per_region, model = var.model, arguments = ["--max-model-len", "262144"] }
  mounts = {
    "/certificates" = { volume = docker_volume.certificates.name }
    "/keys"         = { host = abspath("${local.run}/routers") }
  }

  router = {
    link = length(var.regions) == 1 ? null : {
      certificate = "/certificates/made/${each.key}.crt.pem"
      key         = "/certificates/made/${each.key}.key.pem"
      trust       = "/certificates/made/ca.pem"
    }
    pools    = [{ model = var.model, tokenize_timeout = "500ms" }]
    policies = { control = local.control }
    # No key has this hash: without the secret nobody gets in.
    admin       = { requests_per_second = 1000, keys = [{ id = "local", role = "admin", hash = format("%064d", 0) }] }
    secrets     = { KVLANE_ADMIN_KEYS_0_HASH = "file:/keys/admin.hash" }
    heap        = "384m"
    event_loops = 1
  }
  drain_seconds = 10
  # Many programs on a small machine: compiled quickly rather than well.
  java_options = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
}

# A region is up when each of its routers sees all its engines and all other regions.
resource "terraform_data" "region" {
  for_each         = toset(var.regions)
  input            = each.key
  triggers_replace = module.region[each.key].containers
  depends_on       = [module.region]

  provisioner "local-exec" {
    command = join(" ", concat(
      ["bash '${local.script}' await ${var.engines_per_region} ${length(var.regions) - 1}"],
      module.region[each.key].endpoints.admin,
    ))
  }
}

module "policy" {
  source     = "../../modules/policy"
  depends_on = [terraform_data.region]

  admin_url = module.region[local.control].endpoints.admin[0]
  key_file  = "${local.run}/admin.key"
  owner     = "local"
  # The store goes with its region.
  unreachable_on_destroy = "ignore"
  triggers               = [terraform_data.run.id]
  manifests              = { for name in fileset("${path.module}/policies", "*.yaml") : name => file("${path.module}/policies/${name}") }
}
