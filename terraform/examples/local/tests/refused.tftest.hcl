# Every validation, by what it refuses. Starts nothing.

mock_provider "docker" {}

run "no_regions_is_refused" {
  command = plan

  variables {
    regions = []
  }

  expect_failures = [var.regions]
}

run "five_routers_is_refused" {
  command = plan

  variables {
    routers_per_region = 5
  }

  expect_failures = [var.routers_per_region]
}

run "no_engines_is_refused" {
  command = plan

  variables {
    engines_per_region = 0
  }

  expect_failures = [var.engines_per_region]
}

run "ports_of_clients_is_refused" {
  command = plan

  variables {
    base_port = 40000
  }

  expect_failures = [var.base_port]
}

run "name_in_capitals_is_refused" {
  command = plan

  variables {
    name = "Kvlane"
  }

  expect_failures = [var.name]
}

run "folder_elsewhere_is_refused" {
  command = plan

  variables {
    run = "/tmp"
  }

  expect_failures = [var.run]
}
