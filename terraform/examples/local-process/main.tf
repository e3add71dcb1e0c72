# Three regions of real routers, simulated engines and agents, as processes on loopback: no provider but the builtin one.
# What runs is seen when a plan is made, since functions read files then: a process is up if the one in its record is there
# and has started when the record says so. One that is not is replaced, by a generation that is named after the plan.

locals {
  run      = "${path.module}/${var.run}"
  absolute = abspath(local.run)
  script   = "${path.module}/process"

  routers = merge([for i, region in var.regions : { for n in range(1, var.routers_per_region + 1) : "${region}-router-${n}" => {
    region = region
    n      = n
    ports = {
      clients = var.base_port + 100 * i + n
      admin   = var.base_port + 100 * i + 10 + n
      cluster = var.base_port + 100 * i + 20 + n
      link    = var.base_port + 100 * i + 30 + n
    }
  } }]...)
  routers_of = { for region in var.regions : region => [for id in sort(keys(local.routers)) : id if local.routers[id].region == region] }

  engines = merge([for i, region in var.regions : { for n in range(1, var.engines_per_region + 1) : "${region}-engine-${n}" => {
    region = region
    http   = var.base_port + 100 * i + 40 + n
    events = "tcp://127.0.0.1:${var.base_port + 100 * i + 50 + n}"
    replay = "tcp://127.0.0.1:${var.base_port + 100 * i + 60 + n}"
    listen = "127.0.0.1:${var.base_port + 100 * i + 70 + n}"
  } }]...)
  engines_of = { for region in var.regions : region => [for id in sort(keys(local.engines)) : id if local.engines[id].region == region] }
  agents     = { for id, engine in local.engines : replace(id, "-engine-", "-agent-") => id }

  # {"pid":41,"start":"482775","generation":"2026-11-27T03:51:04Z"}
  ids    = concat(keys(local.routers), keys(local.engines), keys(local.agents))
  record = { for id in local.ids : id => try(jsondecode(file("${local.run}/${id}.json")), null) }
  stat = { for id in local.ids : id => try(regex(
    "^\\d+ \\(.*\\) (?P<state>[A-Z]) (?:[-0-9]+ ){18}(?P<start>\\d+)", file("/proc/${local.record[id].pid}/stat")
  ), null) }
  up         = { for id in local.ids : id => try(local.stat[id].state != "Z" && local.stat[id].start == local.record[id].start, false) }
  generation = { for id in local.ids : id => local.up[id] ? local.record[id].generation : plantimestamp() }

  control = var.regions[0]
}

module "router" {
  source   = "../../modules/router-config"
  for_each = local.routers

  region    = each.value.region
  router_id = each.key
  ports     = each.value.ports
  bind      = { cluster = "127.0.0.1" }
  discovery = {
    type    = "static"
    members = [for id in local.routers_of[each.value.region] : "127.0.0.1:${local.routers[id].ports.cluster}"]
  }
  peers = { for region in var.regions : region => [for id in local.routers_of[region] : "127.0.0.1:${local.routers[id].ports.link}"] if region != each.value.region }
  link = length(var.regions) == 1 ? null : {
    certificate = "${local.absolute}/certificates/${each.value.region}.crt.pem"
    key         = "${local.absolute}/certificates/${each.value.region}.key.pem"
    trust       = "${local.absolute}/certificates/ca.pem"
  }
  pools = [{ model = var.model, tokenize_timeout = "500ms" }]
  policies = {
    directory = "${local.absolute}/policies/${each.key}"
    control   = local.control
    store     = each.value.region != local.control || each.value.n == 1 ? {} : { owner = "127.0.0.1:${local.routers["${local.control}-router-1"].ports.admin}" }
  }
  admin         = { requests_per_second = 1000 }
  drain_seconds = 10
  event_loops   = 1
  heap          = "384m"
}

module "agent" {
  source   = "../../modules/agent-config"
  for_each = local.agents

  region  = local.engines[each.value].region
  replica = each.value
  engine = {
    url    = "http://127.0.0.1:${local.engines[each.value].http}"
    events = [local.engines[each.value].events]
    replay = [local.engines[each.value].replay]
  }
  routers = {
    type    = "static"
    members = [for id in local.routers_of[local.engines[each.value].region] : "127.0.0.1:${local.routers[id].ports.cluster}"]
  }
  listen = local.engines[each.value].listen
  heap   = "160m"
}

# Builds what is not built yet; the folder, and in it the admin key, which neither the state nor a plan knows.
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

resource "terraform_data" "certificates" {
  input            = { run = local.run }
  triggers_replace = [sort(var.regions), try(file("${local.run}/certificates/generation"), plantimestamp())]
  depends_on       = [terraform_data.run]

  provisioner "local-exec" {
    command = "bash '${local.script}' certificates '${local.run}' '${self.triggers_replace[1]}' ${join(" ", var.regions)}"
  }
}

resource "terraform_data" "engine" {
  for_each         = local.engines
  input            = { id = each.key, run = local.run, script = local.script }
  triggers_replace = [local.generation[each.key], each.value, var.model]
  depends_on       = [terraform_data.run]

  provisioner "local-exec" {
    command = join(" ", [
      "bash '${local.script}' engine '${local.run}' '${each.key}' '${local.generation[each.key]}' 320m",
      "--name '${each.key}' --model '${var.model}' --port ${each.value.http}",
      "--events '${each.value.events}' --replay '${each.value.replay}' --max-model-len 262144",
    ])
  }

  provisioner "local-exec" {
    when    = destroy
    command = "bash '${self.input.script}' stop '${self.input.run}' '${self.input.id}'"
  }
}

resource "terraform_data" "router" {
  for_each         = local.routers
  input            = { id = each.key, run = local.run, script = local.script }
  triggers_replace = [local.generation[each.key], module.router[each.key].yaml]
  # Stopped before the engines are: what is under way may end.
  depends_on = [terraform_data.certificates, terraform_data.engine]

  provisioner "local-exec" {
    command     = "bash '${local.script}' router '${local.run}' '${each.key}' '${local.generation[each.key]}' 384m"
    environment = { CONFIG = module.router[each.key].yaml }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "bash '${self.input.script}' stop '${self.input.run}' '${self.input.id}'"
  }
}

resource "terraform_data" "agent" {
  for_each         = local.agents
  input            = { id = each.key, run = local.run, script = local.script }
  triggers_replace = [local.generation[each.key], module.agent[each.key].environment]
  depends_on       = [terraform_data.engine, terraform_data.router]

  provisioner "local-exec" {
    command     = "bash '${local.script}' agent '${local.run}' '${each.key}' '${local.generation[each.key]}' 160m"
    environment = module.agent[each.key].environment
  }

  provisioner "local-exec" {
    when    = destroy
    command = "bash '${self.input.script}' stop '${self.input.run}' '${self.input.id}'"
  }
}

# A region is up when each of its routers sees all its engines and all other regions.
resource "terraform_data" "region" {
  for_each = toset(var.regions)
  input    = each.key
  triggers_replace = [
    [for id in local.routers_of[each.key] : [local.generation[id], module.router[id].yaml]],
    [for id in local.engines_of[each.key] : [local.generation[id], local.generation[replace(id, "-engine-", "-agent-")]]],
  ]
  depends_on = [terraform_data.agent]

  provisioner "local-exec" {
    command = join(" ", [
      "bash '${local.script}' await '${local.run}' ${var.engines_per_region} ${length(var.regions) - 1}",
      join(" ", [for id in local.routers_of[each.key] : local.routers[id].ports.admin]),
    ])
  }
}

module "policy" {
  source     = "../../modules/policy"
  depends_on = [terraform_data.region]

  admin_url = "http://127.0.0.1:${local.routers["${local.control}-router-1"].ports.admin}"
  key_file  = "${local.run}/admin.key"
  owner     = "local-process"
  # The store is one of the processes.
  unreachable_on_destroy = "ignore"
  triggers               = [terraform_data.run.id]
  adopt                  = var.adopt
  manifests              = var.policies != null ? var.policies : { for name in fileset("${path.module}/policies", "*.yaml") : name => file("${path.module}/policies/${name}") }
}
