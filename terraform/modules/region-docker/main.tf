locals {
  # The tag contract: the same labels here as tags in a cloud.
  tag = jsondecode(file("${path.module}/../../../router/src/main/resources/io/kvlane/router/cluster/tags.json"))

  cell        = "${var.name}-${var.region}"
  link_domain = coalesce(var.link_domain, "link.${var.name}.internal")
  labels      = merge(var.tags, { (local.tag.cell) = local.cell, (local.tag.region) = var.region })

  routers = { for n in range(1, var.instances.count + 1) : "${local.cell}-router-${n}" => n }
  engines = { for n in range(1, var.engines.count + 1) : "${local.cell}-engine-${n}" => n }
  agents  = { for n in range(1, var.engines.count + 1) : "${local.cell}-agent-${n}" => n }

  # Names in the region's own network. A member's own leads to its address there, not to the one between regions.
  members = [for n in range(1, var.instances.count + 1) : "member-${n}.${local.cell}.internal"]
  cluster = "members.${local.cell}.internal"

  admin_open = try(length(var.router.admin.keys) > 0, false) || try(var.router.admin.oidc != null, false)

  # A store in a file has one owner, whom the others of its region ask.
  policies  = var.router.policies
  file_only = try(coalesce(local.policies.control, var.region), var.region) == var.region && try(local.policies.store.url, null) == null

  # Whatever the image's entrypoint does, after start.sh.
  java = ["java", "@/opt/kvlane/jvm.args", "-XX:MaxRAMPercentage=70", "-cp", "/opt/kvlane/classpath/*:/opt/kvlane/libs/*", "io.kvlane.router.RouterMain"]
}

module "config" {
  source   = "../router-config"
  for_each = local.routers

  name      = var.name
  region    = var.region
  router_id = each.key
  bind      = { clients = "0.0.0.0", admin = local.admin_open ? "0.0.0.0" : "127.0.0.1", link = "0.0.0.0", cluster = local.members[each.value - 1] }
  ports     = var.ports
  discovery = { type = "dns", dns_name = local.cluster }
  peers     = { for peer in var.peers : peer => ["${peer}.${local.link_domain}:${var.ports.link}"] }

  pools          = var.router.pools
  anonymous      = var.router.anonymous
  tenants        = var.router.tenants
  engine_api_key = var.router.engine_api_key
  link           = var.router.link
  policies = local.policies == null ? null : merge({ directory = "/var/lib/kvlane/policies" }, local.policies, {
    store = merge(
      local.file_only && each.value > 1 ? { owner = "${local.members[0]}:${var.ports.admin}" } : {},
      { for key, value in try(local.policies.store, {}) : key => value if value != null },
    )
  })
  admin                  = var.router.admin
  telemetry              = var.router.telemetry
  secrets                = var.router.secrets
  secret_files           = var.router.secret_files
  heap                   = var.router.heap
  event_loops            = var.router.event_loops
  sse_keep_alive_seconds = var.router.sse_keep_alive_seconds
  extra                  = var.router.extra
  drain_seconds          = var.drain_seconds
}

resource "docker_network" "this" {
  name = local.cell

  dynamic "labels" {
    for_each = { (local.tag.cell) = local.cell }

    content {
      label = labels.key
      value = labels.value
    }
  }
}

# What a router keeps: its last good policies, and the control region's store if that is a file.
resource "docker_volume" "router" {
  for_each = local.routers

  name = each.key
}

resource "docker_container" "router" {
  for_each = local.routers

  name       = each.key
  image      = var.images.router
  entrypoint = concat(["bash", "-c", file("${path.module}/templates/start.sh"), "kvlane-router"], local.java)
  command    = ["run", "--config", "/run/kvlane/kvlane-router.yaml"]
  env = concat(
    [for name, value in merge(module.config[each.key].environment, {
      JDK_JAVA_OPTIONS = trimspace("${module.config[each.key].environment.JDK_JAVA_OPTIONS} ${var.java_options}")
    }) : "${name}=${value}"],
    [
      "ROUTER_YAML=${module.config[each.key].yaml}",
      "ROUTER_SECRETS=${join("", [for name, reference in module.config[each.key].secret_references : "${name}\t${trimprefix(reference, "file:")}\n"])}",
      "ROUTER_SECRET_FILES=${join("", [for file, reference in module.config[each.key].secret_file_references : "${file}\t${trimprefix(reference, "file:")}\n"])}",
      "KVLANE_HEALTH=${var.ports.clients}/health",
    ],
  )

  read_only             = true
  security_opts         = ["no-new-privileges:true"]
  tmpfs                 = { "/tmp" = "mode=1777,size=64m", "/run/kvlane" = "uid=65532,gid=65532,mode=0700,size=4m" }
  memory                = var.instances.memory_mib
  memory_swap           = var.instances.memory_mib
  cpus                  = var.instances.cpus
  restart               = var.instances.restart
  stop_timeout          = module.config[each.key].stop_timeout_seconds
  destroy_grace_seconds = module.config[each.key].stop_timeout_seconds
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
    name    = docker_network.this.name
    aliases = [local.cluster, local.members[each.value - 1]]
  }

  dynamic "networks_advanced" {
    for_each = var.wan == null ? [] : [var.wan]

    content {
      name    = networks_advanced.value
      aliases = ["${var.region}.${local.link_domain}"]
    }
  }

  dynamic "ports" {
    for_each = var.publish == null ? {} : { for internal, external in {
      (var.ports.clients) = var.publish.clients
      (var.ports.admin)   = local.admin_open ? var.publish.admin : null
    } : internal => external + each.value - 1 if external != null }

    content {
      internal = ports.key
      external = ports.value
      ip       = var.publish.address
    }
  }

  volumes {
    volume_name    = docker_volume.router[each.key].name
    container_path = "/var/lib/kvlane"
  }

  dynamic "volumes" {
    for_each = var.mounts

    content {
      container_path = volumes.key
      volume_name    = volumes.value.volume
      host_path      = volumes.value.host
      read_only      = true
    }
  }

  dynamic "labels" {
    for_each = merge(local.labels, { (local.tag.role) = "router" })

    content {
      label = labels.key
      value = labels.value
    }
  }

  lifecycle {
    # A machine without accounting of swap says -1.
    ignore_changes = [memory_swap]

    precondition {
      condition     = length(module.config[each.key].secret_arns) == 0
      error_message = "router: secrets are file:/PATH here; nobody fetches ARNs."
    }
  }
}
