# Every validation, by what it refuses.

variables {
  region  = "us-east"
  engine  = { url = "http://127.0.0.1:8000" }
  routers = { type = "aws" }
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

run "replica_with_a_slash_is_refused" {
  command = plan

  variables {
    replica = "gpu/1"
  }

  expect_failures = [var.replica]
}

run "engine_without_a_scheme_is_refused" {
  command = plan

  variables {
    engine = { url = "10.0.0.7:8000" }
  }

  expect_failures = [var.engine]
}

run "engine_events_over_http_are_refused" {
  command = plan

  variables {
    engine = { url = "http://10.0.0.7:8000", events = ["http://10.0.0.7:5557"] }
  }

  expect_failures = [var.engine]
}

run "engine_replay_without_events_is_refused" {
  command = plan

  variables {
    engine = { url = "http://10.0.0.7:8000", replay = ["tcp://10.0.0.7:5558"] }
  }

  expect_failures = [var.engine]
}

run "engine_with_negative_blocks_is_refused" {
  command = plan

  variables {
    engine = { url = "http://10.0.0.7:8000", block_size = -1 }
  }

  expect_failures = [var.engine]
}

run "routers_of_another_type_are_refused" {
  command = plan

  variables {
    routers = { type = "multicast" }
  }

  expect_failures = [var.routers]
}

run "routers_without_members_are_refused" {
  command = plan

  variables {
    routers = { type = "static" }
  }

  expect_failures = [var.routers]
}

run "routers_by_dns_without_a_name_are_refused" {
  command = plan

  variables {
    routers = { type = "dns" }
  }

  expect_failures = [var.routers]
}

run "routers_in_a_zone_are_refused" {
  command = plan

  variables {
    routers = { type = "aws", aws_region = "eu-west-1a" }
  }

  expect_failures = [var.routers]
}

run "routers_without_a_port_are_refused" {
  command = plan

  variables {
    routers = { type = "aws", port = 0 }
  }

  expect_failures = [var.routers]
}

run "listen_without_a_port_is_refused" {
  command = plan

  variables {
    listen = "127.0.0.1"
  }

  expect_failures = [var.listen]
}

run "heap_without_a_unit_is_refused" {
  command = plan

  variables {
    heap = "512"
  }

  expect_failures = [var.heap]
}

run "archive_from_a_plain_url_is_refused" {
  command = plan

  variables {
    archive = { url = "http://example.com/a.tar.gz", sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  }

  expect_failures = [var.archive]
}

run "archive_without_a_checksum_is_refused" {
  command = plan

  variables {
    archive = { url = "https://example.com/a.tar.gz", sha256 = "" }
  }

  expect_failures = [var.archive]
}
