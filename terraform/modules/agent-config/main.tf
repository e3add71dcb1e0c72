locals {
  cell = "${var.name}-${var.region}"
  tags = jsondecode(file("${path.module}/../../../router/src/main/resources/io/kvlane/router/cluster/tags.json"))

  # What only the machine itself knows is found when the agent starts.
  finds_replica   = var.replica == null
  finds_advertise = var.engine.advertise == null && can(regex("^https?://(127\\.|localhost)", var.engine.url)) && local.finds_replica
  finds_members   = var.routers.type != "static"

  environment = tomap({ for name, value in {
    KVLANE_AGENT_REPLICA      = var.replica
    KVLANE_AGENT_ENGINE       = var.engine.url
    KVLANE_AGENT_ADVERTISE    = var.engine.advertise
    KVLANE_AGENT_EVENTS       = length(var.engine.events) == 0 ? null : join(",", var.engine.events)
    KVLANE_AGENT_REPLAY       = length(var.engine.replay) == 0 ? null : join(",", var.engine.replay)
    KVLANE_AGENT_TOPIC        = var.engine.topic
    KVLANE_AGENT_MODEL        = var.engine.model
    KVLANE_AGENT_BLOCK_SIZE   = var.engine.block_size == 0 ? null : tostring(var.engine.block_size)
    KVLANE_AGENT_CACHE_TOKENS = var.engine.cache_tokens == 0 ? null : tostring(var.engine.cache_tokens)
    KVLANE_AGENT_CLUSTER      = local.cell
    KVLANE_AGENT_MEMBER       = local.finds_members ? null : join(",", var.routers.members)
    KVLANE_AGENT_LISTEN       = var.listen
    JDK_JAVA_OPTIONS          = "-Xmx${var.heap}"
  } : name => value if value != null })

  prepare = templatefile("${path.module}/templates/prepare.sh.tftpl", {
    finds_replica   = local.finds_replica
    finds_advertise = local.finds_advertise
    type            = var.routers.type
    port            = var.routers.port
    dns_name        = coalesce(var.routers.dns_name, "none")
    aws_region      = coalesce(var.routers.aws_region, "own")
    cell            = local.cell
    tags            = local.tags
    engine_scheme   = split("://", var.engine.url)[0]
    engine_port     = try(regex(":([0-9]+)$", var.engine.url)[0], startswith(var.engine.url, "https") ? "443" : "80")
  })
  unit_drop_in = file("${path.module}/templates/agent.conf")

  write_files = concat(
    [
      {
        path        = "/etc/kvlane/kvlane-agent.env"
        permissions = "0644"
        content     = join("", [for name, value in local.environment : "${name}=\"${value}\"\n"])
      },
      { path = "/usr/local/libexec/kvlane/prepare-agent", permissions = "0755", content = local.prepare },
      { path = "/etc/systemd/system/kvlane-agent.service.d/50-terraform.conf", permissions = "0644", content = local.unit_drop_in },
    ],
    var.archive == null ? [] : [{
      path        = "/usr/local/libexec/kvlane/install-agent"
      permissions = "0755"
      content     = templatefile("${path.module}/templates/install.sh.tftpl", { url = var.archive.url, sha256 = var.archive.sha256 })
    }],
  )
  runcmd = concat(
    var.archive == null ? [] : [["/usr/local/libexec/kvlane/install-agent"]],
    [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "kvlane-agent.service"],
    ],
  )
}
