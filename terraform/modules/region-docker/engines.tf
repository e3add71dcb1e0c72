# Engines without a model, each with its agent, in the region's own network alone.

module "agent" {
  source   = "../agent-config"
  for_each = local.agents

  name    = var.name
  region  = var.region
  replica = "${local.cell}-engine-${each.value}"
  engine = {
    url    = "http://${local.cell}-engine-${each.value}:8000"
    events = ["tcp://${local.cell}-engine-${each.value}:5557"]
    replay = ["tcp://${local.cell}-engine-${each.value}:5558"]
  }
  routers = { type = "static", members = [for member in local.members : "${member}:${var.ports.cluster}"] }
  heap    = "${floor(var.engines.agent_memory_mib / 2)}m"
}

resource "docker_container" "engine" {
  for_each = local.engines

  name    = each.key
  image   = var.images.engine
  command = var.engines.arguments
  env     = ["KVLANE_ENGINE_NAME=${each.key}", "KVLANE_ENGINE_MODEL=${var.engines.model}", "JDK_JAVA_OPTIONS=${var.java_options}"]

  read_only             = true
  security_opts         = ["no-new-privileges:true"]
  tmpfs                 = { "/tmp" = "mode=1777,size=64m" }
  memory                = var.engines.memory_mib
  memory_swap           = var.engines.memory_mib
  restart               = var.instances.restart
  destroy_grace_seconds = 10
  must_run              = true
  wait                  = true
  wait_timeout          = 240

  capabilities {
    drop = ["ALL"]
  }

  healthcheck {
    test         = ["CMD", "kvlane-health"]
    interval     = "2s"
    timeout      = "6s"
    start_period = "2m0s"
    retries      = 5
  }

  networks_advanced {
    name = docker_network.this.name
  }

  dynamic "labels" {
    for_each = merge(local.labels, { (local.tag.role) = "engine" })

    content {
      label = labels.key
      value = labels.value
    }
  }

  lifecycle {
    ignore_changes = [memory_swap]
  }
}

resource "docker_container" "agent" {
  for_each = local.agents

  name  = each.key
  image = var.images.agent
  env = [for name, value in merge(module.agent[each.key].environment, {
    JDK_JAVA_OPTIONS = trimspace("${module.agent[each.key].environment.JDK_JAVA_OPTIONS} ${var.java_options}")
  }) : "${name}=${value}"]

  read_only             = true
  security_opts         = ["no-new-privileges:true"]
  tmpfs                 = { "/tmp" = "mode=1777,size=64m" }
  memory                = var.engines.agent_memory_mib
  memory_swap           = var.engines.agent_memory_mib
  restart               = var.instances.restart
  destroy_grace_seconds = 10
  must_run              = true
  wait                  = true
  wait_timeout          = 240
  depends_on            = [docker_container.engine, docker_container.router]

  capabilities {
    drop = ["ALL"]
  }

  healthcheck {
    test         = ["CMD", "kvlane-health"]
    interval     = "2s"
    timeout      = "6s"
    start_period = "2m0s"
    retries      = 5
  }

  networks_advanced {
    name = docker_network.this.name
  }

  dynamic "labels" {
    for_each = merge(local.labels, { (local.tag.role) = "agent" })

    content {
      label = labels.key
      value = labels.value
    }
  }

  lifecycle {
    ignore_changes = [memory_swap]
  }
}
