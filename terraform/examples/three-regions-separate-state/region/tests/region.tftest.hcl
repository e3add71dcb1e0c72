# One region's state, by the schema double: names and types are AWS's, values are not.
# terraform test -var-file=../regions.tfvars.example -var-file=../us-east.tfvars.example

mock_provider "aws" {}

run "control_region" {
  command = plan

  variables {
    region = "us-east"
  }

  assert {
    condition     = output.interconnect.cidr == "10.1.0.0/16" && output.global.aws_region == "us-east-1" && output.observability.cell == "prod-us-east"
    error_message = "The state has what the global one reads."
  }
}

run "another_region" {
  command = plan

  variables {
    region       = "eu-west"
    policy_store = null
  }

  assert {
    condition     = output.interconnect.aws_region == "eu-west-1"
    error_message = "The same root is another region."
  }
}

run "store_outside_the_control_region" {
  command = plan

  variables {
    region = "eu-west"
  }

  expect_failures = [var.policy_store]
}

run "unknown_region" {
  command = plan

  variables {
    region       = "mars"
    policy_store = null
  }

  expect_failures = [var.regions]
}

run "unknown_control_region" {
  command = plan

  variables {
    region         = "eu-west"
    control_region = "mars"
    policy_store   = null
  }

  expect_failures = [var.control_region]
}
