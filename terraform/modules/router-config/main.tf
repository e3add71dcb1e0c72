locals {
  cell = "${var.name}-${var.region}"

  stop_timeout_seconds = var.drain_seconds + 30

  # What only the machine itself knows is found when the router starts.
  finds_id   = var.router_id == null
  finds_host = var.bind.cluster == null

  # Secrets ---------------------------------------------------------------------------------------------------------------
  database_password_file = "/run/kvlane/policy-store-password"

  secret_references = merge(
    { for i, tenant in var.tenants : "KVLANE_TENANTS_${i}_SALT" => tenant.salt if tenant.salt != null },
    var.engine_api_key == null ? {} : { KVLANE_ENGINE_API_KEY = var.engine_api_key },
    var.telemetry.authorization == null ? {} : { KVLANE_TELEMETRY_TRACES_AUTHORIZATION = var.telemetry.authorization },
    var.secrets,
  )
  database_password = try(var.policies.store.password, null)
  secret_file_references = merge(
    # What is in a file already is read from there.
    local.database_password == null ? {} : startswith(local.database_password, "file:") ? {} : { (local.database_password_file) = local.database_password },
    var.secret_files,
  )
  secret_arns = sort(distinct([
    for reference in concat(values(local.secret_references), values(local.secret_file_references)) : reference if startswith(reference, "arn:")
  ]))

  # Without nulls: what is not said is as the router has it.
  config = {
    region = var.region
    router = local.finds_id ? null : { id = var.router_id }
    listen = { host = var.bind.clients, port = var.ports.clients }
    admin = {
      host              = var.bind.admin
      port              = var.ports.admin
      requestsPerSecond = var.admin.requests_per_second
      keys = [for key in var.admin.keys : { for name, value in {
        id = key.id, hash = lower(key.hash), role = key.role, tenants = key.tenants, regions = key.regions, expires = key.expires
      } : name => value if value != null }]
      tls = var.admin.tls == null ? {} : { for name, value in {
        certificate = var.admin.tls.certificate, key = var.admin.tls.key, trust = var.admin.tls.trust
      } : name => value if value != null }
      oidc = var.admin.oidc == null ? {} : { for name, value in {
        issuer     = var.admin.oidc.issuer, audience = var.admin.oidc.audience, keys = var.admin.oidc.keys_url,
        roleClaim  = var.admin.oidc.role_claim,
        rolePrefix = var.admin.oidc.role_prefix
      } : name => value if value != null }
    }
    eventLoops = var.event_loops
    cluster    = local.cluster
    pools = [for pool in var.pools : {
      model                 = pool.model
      keySpace              = pool.key_space
      chunkBytes            = pool.chunk_bytes
      maxRequestsPerReplica = pool.max_requests_per_replica
      guardCaches           = pool.guard_caches
      tokenize              = { timeout = pool.tokenize_timeout }
    }]
    timeouts = { drain = "${var.drain_seconds}s" }
    sse      = { keepAlive = "${var.sse_keep_alive_seconds}s" }
    link = var.link == null ? null : {
      host        = var.bind.link
      port        = var.ports.link
      certificate = var.link.certificate
      key         = var.link.key
      trust       = var.link.trust
      forward     = var.link.forward
      failover    = var.link.failover
      digest = {
        enabled   = var.link.digest.enabled
        every     = var.link.digest.every
        sample    = var.link.digest.sample
        maxBlocks = var.link.digest.max_blocks
        maxBytes  = var.link.digest.max_bytes
      }
      regions = [for region in sort(keys(var.peers)) : { name = region, routers = var.peers[region] }]
    }
    access  = { anonymous = var.anonymous }
    tenants = [for tenant in var.tenants : { name = tenant.name, keys = [for key in tenant.keys : lower(key)], regions = tenant.regions }]
    policies = var.policies == null ? null : {
      directory = var.policies.directory
      control   = coalesce(var.policies.control, var.region)
      store = { for name, value in {
        url          = var.policies.store.url
        user         = var.policies.store.user
        passwordFile = local.database_password == null ? null : startswith(local.database_password, "file:") ? trimprefix(local.database_password, "file:") : local.database_password_file
        owner        = var.policies.store.owner
      } : name => value if value != null }
      rollbackOnNack = var.policies.rollback_on_nack
    }
    telemetry = {
      traces = { for name, value in {
        endpoint    = var.telemetry.otlp_endpoint
        perThousand = var.telemetry.per_thousand
      } : name => value if value != null }
      prices = [for price in var.telemetry.prices : {
        model = price.model, prefillMicroUsd = price.prefill_micro_usd, cachedMicroUsd = price.cached_micro_usd
      }]
    }
  }

  # The region's cluster: how its members find each other.
  cluster = { for key, value in {
    name      = local.cell
    host      = var.bind.cluster
    port      = var.ports.cluster
    discovery = var.discovery.type == "static" ? null : var.discovery.type
    members   = var.discovery.type == "static" ? var.discovery.members : null
    service   = var.discovery.type == "dns" ? var.discovery.dns_name : var.discovery.service
    namespace = var.discovery.namespace
    cell      = var.discovery.type == "aws" ? local.cell : null
    awsRegion = var.discovery.aws_region
  } : key => value if value != null }

  # A section of extra goes into the one that is there, value by value.
  sections = setunion([for section, values in local.config : section if values != null], keys(var.extra))
  merged = { for section in local.sections : section =>
    try(merge(local.config[section], var.extra[section]), var.extra[section], local.config[section])
  }
  yaml = "# Made by Terraform (modules/router-config); changes here are lost.\n${yamlencode(local.merged)}"

  environment = tomap({
    JDK_JAVA_OPTIONS = "-Xmx${var.heap}"
  })

  prepare = templatefile("${path.module}/templates/prepare.sh.tftpl", {
    aws          = var.discovery.type == "aws"
    finds_id     = local.finds_id
    finds_host   = local.finds_host
    environment  = local.secret_references
    secret_files = local.secret_file_references
  })
  unit_drop_in = templatefile("${path.module}/templates/router.conf.tftpl", {
    stop_timeout_seconds = local.stop_timeout_seconds
  })
  environment_file = join("", [for name, value in local.environment : "${name}=${value}\n"])
  write_files = concat(
    [
      { path = "/etc/kvlane/kvlane-router.yaml", permissions = "0644", content = local.yaml },
      { path = "/etc/kvlane/kvlane-router.env", permissions = "0644", content = local.environment_file },
      { path = "/usr/local/libexec/kvlane/prepare-router", permissions = "0755", content = local.prepare },
      { path = "/etc/systemd/system/kvlane-router.service.d/50-terraform.conf", permissions = "0644", content = local.unit_drop_in },
    ],
    var.archive == null ? [] : [{
      path        = "/usr/local/libexec/kvlane/install-router"
      permissions = "0755"
      content     = templatefile("${path.module}/templates/install.sh.tftpl", { url = var.archive.url, sha256 = var.archive.sha256 })
    }],
  )
  runcmd = concat(
    var.archive == null ? [] : [["/usr/local/libexec/kvlane/install-router"]],
    [
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "kvlane-router.service"],
    ],
  )
  user_data = "#cloud-config\n${yamlencode({ write_files = local.write_files, runcmd = local.runcmd })}"
}
