# Every validation, by what it refuses.

variables {
  region = "us-east"
}

run "name_in_capitals_is_refused" {
  command = plan

  variables {
    name = "Prod"
  }

  expect_failures = [var.name]
}

run "region_with_a_dot_is_refused" {
  command = plan

  variables {
    region = "us.east"
  }

  expect_failures = [var.region]
}

run "router_id_with_a_blank_is_refused" {
  command = plan

  variables {
    router_id = "router 1"
  }

  expect_failures = [var.router_id]
}

run "bind_with_a_slash_is_refused" {
  command = plan

  variables {
    bind = { clients = "10.0.0.0/8" }
  }

  expect_failures = [var.bind]
}

run "bind_of_the_cluster_to_all_addresses_is_refused" {
  command = plan

  variables {
    bind = { cluster = "0.0.0.0" }
  }

  expect_failures = [var.bind]
}

run "bind_of_admin_beyond_loopback_without_a_key_is_refused" {
  command = plan

  variables {
    bind = { admin = "0.0.0.0" }
  }

  expect_failures = [var.bind]
}

run "ports_out_of_range_are_refused" {
  command = plan

  variables {
    ports = { clients = 65536 }
  }

  expect_failures = [var.ports]
}

run "ports_twice_are_refused" {
  command = plan

  variables {
    ports = { clients = 9100 }
  }

  expect_failures = [var.ports]
}

run "discovery_of_another_type_is_refused" {
  command = plan

  variables {
    discovery = { type = "multicast" }
  }

  expect_failures = [var.discovery]
}

run "discovery_member_without_a_port_is_refused" {
  command = plan

  variables {
    discovery = { type = "static", members = ["10.0.0.2"] }
  }

  expect_failures = [var.discovery]
}

run "discovery_by_aws_with_members_is_refused" {
  command = plan

  variables {
    discovery = { type = "aws", members = ["10.0.0.2:5701"] }
  }

  expect_failures = [var.discovery]
}

run "discovery_by_dns_without_a_name_is_refused" {
  command = plan

  variables {
    discovery = { type = "dns" }
  }

  expect_failures = [var.discovery]
}

run "discovery_by_kubernetes_without_a_service_is_refused" {
  command = plan

  variables {
    discovery = { type = "kubernetes", namespace = "llm" }
  }

  expect_failures = [var.discovery]
}

run "discovery_in_a_zone_is_refused" {
  command = plan

  variables {
    discovery = { type = "aws", aws_region = "eu-west-1a" }
  }

  expect_failures = [var.discovery]
}

run "peer_that_is_this_region_is_refused" {
  command = plan

  variables {
    peers = { us-east = ["10.1.0.2:7100"] }
    link  = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
  }

  expect_failures = [var.peers]
}

run "peer_without_a_port_is_refused" {
  command = plan

  variables {
    peers = { eu-west = ["10.1.0.2"] }
    link  = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
  }

  expect_failures = [var.peers]
}

run "peer_without_an_address_is_refused" {
  command = plan

  variables {
    peers = { eu-west = [] }
    link  = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
  }

  expect_failures = [var.peers]
}

run "peers_beyond_sixteen_are_refused" {
  command = plan

  variables {
    peers = { for i in range(17) : "region-${i}" => ["10.1.0.2:7100"] }
    link  = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
  }

  expect_failures = [var.peers]
}

run "peers_without_a_link_are_refused" {
  command = plan

  variables {
    peers = { eu-west = ["10.1.0.2:7100"] }
  }

  expect_failures = [var.peers]
}

run "link_with_a_relative_file_is_refused" {
  command = plan

  variables {
    link = { certificate = "c.pem", key = "/k.pem", trust = "/t.pem" }
  }

  expect_failures = [var.link]
}

run "link_that_forwards_always_is_refused" {
  command = plan

  variables {
    link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem", forward = "always" }
  }

  expect_failures = [var.link]
}

run "link_with_another_failover_is_refused" {
  command = plan

  variables {
    link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem", failover = "random" }
  }

  expect_failures = [var.link]
}

run "link_with_an_odd_sample_is_refused" {
  command = plan

  variables {
    link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem", digest = { sample = 3 } }
  }

  expect_failures = [var.link]
}

run "link_with_a_bare_number_for_a_duration_is_refused" {
  command = plan

  variables {
    link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem", digest = { every = "400" } }
  }

  expect_failures = [var.link]
}

run "link_with_too_few_blocks_is_refused" {
  command = plan

  variables {
    link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem", digest = { max_blocks = 10 } }
  }

  expect_failures = [var.link]
}

run "pool_twice_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m" }, { model = "m" }]
  }

  expect_failures = [var.pools]
}

run "pool_with_another_key_space_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m", key_space = "words" }]
  }

  expect_failures = [var.pools]
}

run "pool_with_small_chunks_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m", chunk_bytes = 8 }]
  }

  expect_failures = [var.pools]
}

run "pool_without_requests_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m", max_requests_per_replica = 0 }]
  }

  expect_failures = [var.pools]
}

run "pool_that_guards_caches_true_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m", guard_caches = true }]
  }

  expect_failures = [var.pools]
}

run "pool_with_a_number_for_a_duration_is_refused" {
  command = plan

  variables {
    pools = [{ model = "m", tokenize_timeout = "50" }]
  }

  expect_failures = [var.pools]
}

run "tenant_twice_is_refused" {
  command = plan

  variables {
    tenants = [{ name = "acme" }, { name = "acme" }]
  }

  expect_failures = [var.tenants]
}

run "tenant_with_a_planted_key_is_refused" {
  command = plan

  variables {
    tenants = [{ name = "acme", keys = ["sk-planted"] }]
  }

  expect_failures = [var.tenants]
}

run "tenant_of_regions_without_a_salt_is_refused" {
  command = plan

  variables {
    tenants = [{ name = "acme", regions = ["us-east"] }]
  }

  expect_failures = [var.tenants]
}

run "tenant_with_a_planted_salt_is_refused" {
  command = plan

  variables {
    tenants = [{ name = "acme", salt = "planted" }]
  }

  expect_failures = [var.tenants]
}

run "engine_api_key_that_is_planted_is_refused" {
  command = plan

  variables {
    engine_api_key = "sk-planted"
  }

  expect_failures = [var.engine_api_key]
}

run "policies_in_a_relative_directory_are_refused" {
  command = plan

  variables {
    policies = { directory = "policies" }
  }

  expect_failures = [var.policies]
}

run "policies_of_an_unknown_control_region_are_refused" {
  command = plan

  variables {
    policies = { control = "eu-west" }
  }

  expect_failures = [var.policies]
}

run "policies_in_another_database_are_refused" {
  command = plan

  variables {
    policies = { store = { url = "jdbc:mysql://db/kvlane" } }
  }

  expect_failures = [var.policies]
}

run "policies_with_a_planted_password_in_the_url_are_refused" {
  command = plan

  variables {
    policies = { store = { url = "jdbc:postgresql://db/kvlane?password=planted" } }
  }

  expect_failures = [var.policies]
}

run "policies_with_planted_credentials_in_the_url_are_refused" {
  command = plan

  variables {
    policies = { store = { url = "jdbc:postgresql://kvlane:planted@db/kvlane" } }
  }

  expect_failures = [var.policies]
}

run "policies_with_a_planted_password_are_refused" {
  command = plan

  variables {
    policies = { store = { password = "planted" } }
  }

  expect_failures = [var.policies]
}

run "policies_of_an_owner_without_a_port_are_refused" {
  command = plan

  variables {
    policies = { store = { owner = "10.0.0.2" } }
  }

  expect_failures = [var.policies]
}

run "admin_without_requests_is_refused" {
  command = plan

  variables {
    admin = { requests_per_second = 0 }
  }

  expect_failures = [var.admin]
}

run "admin_with_a_planted_key_is_refused" {
  command = plan

  variables {
    admin = { keys = [{ id = "ops", hash = "planted" }] }
  }

  expect_failures = [var.admin]
}

run "admin_with_a_key_twice_is_refused" {
  command = plan

  variables {
    admin = { keys = [{ id = "ops", hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }, { id = "ops", hash = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" }] }
  }

  expect_failures = [var.admin]
}

run "admin_with_another_role_is_refused" {
  command = plan

  variables {
    admin = { keys = [{ id = "ops", hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", role = "root" }] }
  }

  expect_failures = [var.admin]
}

run "admin_with_another_time_is_refused" {
  command = plan

  variables {
    admin = { keys = [{ id = "ops", hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", expires = "next year" }] }
  }

  expect_failures = [var.admin]
}

run "admin_with_a_relative_certificate_is_refused" {
  command = plan

  variables {
    admin = { tls = { certificate = "c.pem", key = "/k.pem" } }
  }

  expect_failures = [var.admin]
}

run "admin_without_trust_in_the_owner_is_refused" {
  command = plan

  variables {
    admin    = { tls = { certificate = "/c.pem", key = "/k.pem" } }
    policies = { store = { owner = "10.0.0.2:9100" } }
  }

  expect_failures = [var.admin]
}

run "admin_with_a_plain_provider_is_refused" {
  command = plan

  variables {
    admin = { oidc = { issuer = "http://id.example.com", audience = "kvlane" } }
  }

  expect_failures = [var.admin]
}

run "telemetry_with_credentials_in_the_url_is_refused" {
  command = plan

  variables {
    telemetry = { otlp_endpoint = "https://me:planted@collector/v1/traces" }
  }

  expect_failures = [var.telemetry]
}

run "telemetry_with_planted_authorization_is_refused" {
  command = plan

  variables {
    telemetry = { authorization = "Bearer planted" }
  }

  expect_failures = [var.telemetry]
}

run "telemetry_beyond_all_is_refused" {
  command = plan

  variables {
    telemetry = { per_thousand = 1001 }
  }

  expect_failures = [var.telemetry]
}

run "drain_of_hours_is_refused" {
  command = plan

  variables {
    drain_seconds = 7200
  }

  expect_failures = [var.drain_seconds]
}

run "keep_alive_beyond_a_load_balancers_patience_is_refused" {
  command = plan

  variables {
    sse_keep_alive_seconds = 350
  }

  expect_failures = [var.sse_keep_alive_seconds]
}

run "event_loops_in_halves_are_refused" {
  command = plan

  variables {
    event_loops = 1.5
  }

  expect_failures = [var.event_loops]
}

run "heap_without_a_unit_is_refused" {
  command = plan

  variables {
    heap = "2048"
  }

  expect_failures = [var.heap]
}

run "extra_that_is_no_sections_is_refused" {
  command = plan

  variables {
    extra = "limits"
  }

  expect_failures = [var.extra]
}

run "extra_with_a_planted_key_is_refused" {
  command = plan

  variables {
    extra = { engine = { apiKey = "planted" } }
  }

  expect_failures = [var.extra]
}

run "secret_for_another_variable_is_refused" {
  command = plan

  variables {
    secrets = { LD_PRELOAD = "file:/x" }
  }

  expect_failures = [var.secrets]
}

run "secret_that_is_planted_is_refused" {
  command = plan

  variables {
    secrets = { KVLANE_ENGINE_API_KEY = "planted" }
  }

  expect_failures = [var.secrets]
}

run "secret_file_on_disk_is_refused" {
  command = plan

  variables {
    secret_files = { "/etc/kvlane/key.pem" = "file:/x" }
  }

  expect_failures = [var.secret_files]
}

run "secret_file_that_is_planted_is_refused" {
  command = plan

  variables {
    secret_files = { "/run/kvlane/key.pem" = "planted" }
  }

  expect_failures = [var.secret_files]
}

run "archive_from_a_plain_url_is_refused" {
  command = plan

  variables {
    archive = { url = "http://example.com/r.tar.gz", sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }

  expect_failures = [var.archive]
}

run "archive_without_a_checksum_is_refused" {
  command = plan

  variables {
    archive = { url = "https://example.com/r.tar.gz", sha256 = "" }
  }

  expect_failures = [var.archive]
}
