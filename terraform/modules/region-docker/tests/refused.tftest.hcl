# Every validation, by what it refuses.

mock_provider "docker" {}

variables {
  region = "eu-west"
  images = { router = "sha256:1" }
  wan    = "between"
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
    region = "eu.west"
  }

  expect_failures = [var.region]
}

run "tag_of_the_contract_is_refused" {
  command = plan

  variables {
    tags = { "kvlane:cell" = "other" }
  }

  expect_failures = [var.tags]
}

run "engines_without_images_is_refused" {
  command = plan

  variables {
    images  = { router = "sha256:1" }
    engines = { count = 1 }
  }

  expect_failures = [var.images]
}

run "peers_without_a_network_is_refused" {
  command = plan

  variables {
    wan    = null
    peers  = ["us-east"]
    router = { link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" } }
  }

  expect_failures = [var.wan]
}

run "port_zero_is_refused" {
  command = plan

  variables {
    publish = { clients = 0 }
  }

  expect_failures = [var.publish]
}

run "address_by_name_is_refused" {
  command = plan

  variables {
    publish = { address = "localhost", clients = 8100 }
  }

  expect_failures = [var.publish]
}

run "open_admin_listener_is_refused" {
  command = plan

  variables {
    publish = { clients = 8100, admin = 9100 }
  }

  expect_failures = [var.publish]
}

run "no_routers_is_refused" {
  command = plan

  variables {
    instances = { count = 0 }
  }

  expect_failures = [var.instances]
}

run "little_memory_is_refused" {
  command = plan

  variables {
    instances = { memory_mib = 64 }
  }

  expect_failures = [var.instances]
}

run "unknown_restart_is_refused" {
  command = plan

  variables {
    instances = { restart = "sometimes" }
  }

  expect_failures = [var.instances]
}

run "mount_over_the_configuration_is_refused" {
  command = plan

  variables {
    mounts = { "/run/kvlane" = { host = "/srv" } }
  }

  expect_failures = [var.mounts]
}

run "mount_of_nothing_is_refused" {
  command = plan

  variables {
    mounts = { "/keys" = {} }
  }

  expect_failures = [var.mounts]
}

run "same_port_twice_is_refused" {
  command = plan

  variables {
    ports = { clients = 9100 }
  }

  expect_failures = [var.ports]
}

run "own_region_as_peer_is_refused" {
  command = plan

  variables {
    peers  = ["eu-west"]
    router = { link = { certificate = "/c.pem", key = "/k.pem", trust = "/t.pem" } }
  }

  expect_failures = [var.peers]
}

run "peers_without_certificates_is_refused" {
  command = plan

  variables {
    peers = ["us-east"]
  }

  expect_failures = [var.peers]
}

run "link_domain_of_one_label_is_refused" {
  command = plan

  variables {
    link_domain = "internal"
  }

  expect_failures = [var.link_domain]
}

run "drain_of_two_hours_is_refused" {
  command = plan

  variables {
    drain_seconds = 7200
  }

  expect_failures = [var.drain_seconds]
}

run "hundred_engines_is_refused" {
  command = plan

  variables {
    engines = { count = 100 }
    images  = { router = "1", engine = "2", agent = "3" }
  }

  expect_failures = [var.engines]
}

run "model_with_a_blank_is_refused" {
  command = plan

  variables {
    engines = { model = "my model" }
  }

  expect_failures = [var.engines]
}

run "secret_among_java_options_is_refused" {
  command = plan

  variables {
    java_options = "-Dstore.password=hunter22"
  }

  expect_failures = [var.java_options]
}
