# Every validation, by what it refuses. Starts nothing.

run "no_regions_are_refused" {
  command = plan

  variables {
    regions = []
  }

  expect_failures = [var.regions]
}

run "region_twice_is_refused" {
  command = plan

  variables {
    regions = ["us-east", "us-east"]
  }

  expect_failures = [var.regions]
}

run "five_routers_are_refused" {
  command = plan

  variables {
    routers_per_region = 5
  }

  expect_failures = [var.routers_per_region]
}

run "no_engines_are_refused" {
  command = plan

  variables {
    engines_per_region = 0
  }

  expect_failures = [var.engines_per_region]
}

run "ports_of_clients_are_refused" {
  command = plan

  variables {
    base_port = 40000
  }

  expect_failures = [var.base_port]
}

run "model_with_a_blank_is_refused" {
  command = plan

  variables {
    model = "my model"
  }

  expect_failures = [var.model]
}

run "folder_elsewhere_is_refused" {
  command = plan

  variables {
    run = "/tmp"
  }

  expect_failures = [var.run]
}
