# Each refusal: what is wrong, and which variable says so.

mock_provider "aws" {}

variables {
  aws_region = "us-east-1"
  regions = {
    us-east = {
      aws_region         = "us-east-1", cell = "prod-us-east", log_group_name = "/kvlane/prod-us-east/router", group_name = "prod-us-east-router"
      load_balancer      = "net/us-east/0", target_group = "targetgroup/us-east/0"
      no_ready_alarm_arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:prod-us-east-no-ready-router"
    }
    eu-west = {
      aws_region         = "eu-west-1", cell = "prod-eu-west", log_group_name = "/kvlane/prod-eu-west/router", group_name = "prod-eu-west-router"
      load_balancer      = "net/eu-west/0", target_group = "targetgroup/eu-west/0"
      no_ready_alarm_arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:prod-eu-west-no-ready-router"
    }
  }
}

run "name" {
  command = plan
  variables {
    name = "Prod"
  }
  expect_failures = [var.name]
}

run "aws_region" {
  command = plan
  variables {
    aws_region = "europe"
  }
  expect_failures = [var.aws_region]
}

run "no_region" {
  command = plan
  variables {
    regions = {}
  }
  expect_failures = [var.regions]
}

run "errors" {
  command = plan
  variables {
    errors_per_minute = 0
  }
  expect_failures = [var.errors_per_minute]
}

run "topic_of_another_region" {
  command = plan
  variables {
    alarm_topic_arns = { eu-west-1 = ["arn:aws:sns:us-east-1:123456789012:operators"] }
  }
  expect_failures = [var.alarm_topic_arns]
}

run "tags_of_the_contract" {
  command = plan
  variables {
    tags = { "kvlane:cell" = "other" }
  }
  expect_failures = [var.tags]
}
