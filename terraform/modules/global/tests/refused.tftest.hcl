# Each refusal: what is wrong, and which variable says so.

mock_provider "aws" {}

variables {
  domain  = "llm.example.com"
  zone_id = "Z0123456789ABCDEFGHIJ"
  regions = {
    us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST" }
    eu-west = { aws_region = "eu-west-1", load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST" }
  }
}

run "name" {
  command = plan
  variables {
    name = "Prod"
  }
  expect_failures = [var.name]
}

run "domain" {
  command = plan
  variables {
    domain = "https://llm.example.com"
  }
  expect_failures = [var.domain]
}

run "zone" {
  command = plan
  variables {
    zone_id = "example.com"
  }
  expect_failures = [var.zone_id]
}

run "no_region" {
  command = plan
  variables {
    accelerator = true
    regions     = {}
  }
  expect_failures = [var.regions]
}

run "dial_over_100" {
  command = plan
  variables {
    accelerator = true
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST", dial = 101 }
    }
  }
  expect_failures = [var.regions]
}

run "all_drained" {
  command = plan
  variables {
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST", dial = 0 }
      eu-west = { aws_region = "eu-west-1", load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST", dial = 0 }
    }
  }
  expect_failures = [var.regions]
}

run "half_without_an_accelerator" {
  command = plan
  variables {
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST", dial = 50 }
    }
  }
  expect_failures = [var.regions]
}

run "two_in_one_aws_region" {
  command = plan
  variables {
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST" }
      eu-west = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST" }
    }
  }
  expect_failures = [var.regions]
}

run "bucket" {
  command = plan
  variables {
    accelerator     = true
    flow_log_bucket = "s3://logs"
  }
  expect_failures = [var.flow_log_bucket]
}

run "bucket_without_an_accelerator" {
  command = plan
  variables {
    flow_log_bucket = "logs"
  }
  expect_failures = [var.flow_log_bucket]
}

run "interval" {
  command = plan
  variables {
    health_check = { interval_seconds = 5 }
  }
  expect_failures = [var.health_check]
}

run "failures" {
  command = plan
  variables {
    health_check = { failures = 0 }
  }
  expect_failures = [var.health_check]
}

run "tags_of_the_contract" {
  command = plan
  variables {
    tags = { "kvlane:cell" = "other" }
  }
  expect_failures = [var.tags]
}
