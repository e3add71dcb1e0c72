# What a region is planned to be, by the docker provider's own schema; nothing is started.

mock_provider "docker" {}

variables {
  name    = "prod"
  region  = "eu-west"
  images  = { router = "sha256:1", engine = "sha256:2", agent = "sha256:3" }
  wan     = "between"
  peers   = ["us-east"]
  publish = { clients = 8100, admin = 9100 }
  engines = { count = 2 }
  mounts  = { "/certificates" = { volume = "certificates" }, "/keys" = { host = "/srv/keys" } }
  router = {
    pools = [{ model = "kvlane-demo" }]
    link  = { certificate = "/certificates/c.pem", key = "/run/kvlane/link.key.pem", trust = "/certificates/ca.pem" }
    secret_files = {
      "/run/kvlane/link.key.pem" = "file:/keys/link.key.pem"
    }
    tenants  = [{ name = "acme", salt = "file:/keys/acme" }]
    admin    = { keys = [{ id = "operators", hash = "00000000000000000000000000000000000000000000000000000000000000ff", role = "admin" }] }
    policies = { control = "eu-west" }
  }
}

run "planned" {
  command = apply

  assert {
    condition = alltrue([for container in concat(values(docker_container.router), values(docker_container.engine), values(docker_container.agent)) :
      container.read_only && contains(one(container.capabilities).drop, "ALL") && contains(container.security_opts, "no-new-privileges:true") && container.memory > 0
    ])
    error_message = "Containers have a read-only root, no capabilities, no way to more of them, and a limit."
  }

  assert {
    condition     = length(docker_container.router) == 2 && length(docker_container.engine) == 2 && length(docker_container.agent) == 2
    error_message = "Two routers, and an agent beside each engine."
  }

  # Hazelcast.
  assert {
    condition = alltrue([for container in concat(values(docker_container.engine), values(docker_container.agent)) :
      [for network in container.networks_advanced : network.name] == [docker_network.this.name] && length(container.ports) == 0
    ])
    error_message = "Engines and agents are in the region's own network alone, and nothing of theirs is published."
  }

  assert {
    condition = alltrue([for container in values(docker_container.router) :
      toset([for port in container.ports : port.internal]) == toset([8100, 9100]) && alltrue([for port in container.ports : port.ip == "127.0.0.1"])
    ])
    error_message = "Routers publish what clients and operators use, on loopback; never the cluster's port or the link's."
  }

  assert {
    condition = anytrue([for network in docker_container.router["prod-eu-west-router-2"].networks_advanced :
      network.name == "prod-eu-west" && contains(network.aliases, "members.prod-eu-west.internal")
    ])
    error_message = "Members are found by a name in the region's own network."
  }

  assert {
    condition = anytrue([for network in docker_container.router["prod-eu-west-router-1"].networks_advanced :
      network.name == "between" && contains(network.aliases, "eu-west.link.prod.internal") && length(network.aliases) == 1
    ])
    error_message = "Other regions find the link by its name between the regions, and nothing else there."
  }

  assert {
    condition     = yamldecode(module.config["prod-eu-west-router-1"].yaml).link.regions == [{ name = "us-east", routers = ["us-east.link.prod.internal:7100"] }]
    error_message = "Other regions' links are looked for where their modules put them."
  }

  assert {
    condition = (
      yamldecode(module.config["prod-eu-west-router-1"].yaml).policies.store == {}
      && yamldecode(module.config["prod-eu-west-router-2"].yaml).policies.store.owner == "member-1.prod-eu-west.internal:9100"
    )
    error_message = "The first router has the policy store, the others ask it."
  }

  assert {
    condition = alltrue([for container in values(docker_container.router) :
      contains(container.env, "ROUTER_SECRETS=KVLANE_TENANTS_0_SALT\t/keys/acme\n") && contains(container.env, "ROUTER_SECRET_FILES=/run/kvlane/link.key.pem\t/keys/link.key.pem\n")
    ])
    error_message = "A container is told where its secrets are, not what they are."
  }

  assert {
    condition     = anytrue([for label in docker_container.router["prod-eu-west-router-1"].labels : label.label == "kvlane:cell" && label.value == "prod-eu-west"])
    error_message = "The labels are those of the tag contract."
  }

  assert {
    condition     = output.endpoints.clients == ["http://127.0.0.1:8100", "http://127.0.0.1:8101"] && output.endpoint == "http://127.0.0.1:8100"
    error_message = "Each router has a port of its own."
  }
}

run "admin_listener_without_keys_stays_closed" {
  command = apply

  variables {
    publish = { clients = 8100 }
    router  = { pools = [{ model = "kvlane-demo" }], link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" } }
  }

  assert {
    condition = alltrue([for name, container in docker_container.router :
      yamldecode(module.config[name].yaml).admin.host == "127.0.0.1" && [for port in container.ports : port.internal] == [8100]
    ])
    error_message = "Nobody says who may use the admin listener, so it is on the container's loopback alone."
  }
}

run "one_region_alone_needs_neither_link_nor_ports" {
  command = apply

  variables {
    wan     = null
    peers   = []
    publish = null
    router  = {}
    engines = { count = 0 }
    images  = { router = "kvlane/router:1" }
  }

  assert {
    condition     = output.endpoint == null && length(output.endpoints.clients) == 0 && length(docker_container.engine) == 0
    error_message = "Nothing is published, and there are no engines."
  }
}

run "secret_by_arn_is_refused" {
  command = plan

  variables {
    router = {
      link           = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" }
      admin          = { keys = [{ id = "operators", hash = "00000000000000000000000000000000000000000000000000000000000000ff" }] }
      engine_api_key = "arn:aws:ssm:eu-west-1:123456789012:parameter/kvlane/engine"
    }
  }

  expect_failures = [docker_container.router]
}
