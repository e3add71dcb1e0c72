# What is watched, by the schema double: names and types are AWS's, values are not.

mock_provider "aws" {}

variables {
  name             = "prod"
  alarm_topic_arns = { eu-west-1 = ["arn:aws:sns:eu-west-1:123456789012:operators"] }
  aws_region       = "us-east-1"
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

run "planned" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_metric_filter.errors["eu-west"].log_group_name == "/kvlane/prod-eu-west/router" && aws_cloudwatch_log_metric_filter.errors["eu-west"].region == "eu-west-1"
    error_message = "Errors are counted where they are logged."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors["eu-west"].metric_name == "prod-eu-west-errors" && aws_cloudwatch_metric_alarm.errors["eu-west"].alarm_actions == toset(["arn:aws:sns:eu-west-1:123456789012:operators"]) && length(aws_cloudwatch_metric_alarm.errors["us-east"].alarm_actions) == 0
    error_message = "A region's alarm goes to the region's topics."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 7 && jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms == ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:prod-eu-west-no-ready-router", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:prod-us-east-no-ready-router"]
    error_message = "One page has all regions' alarms and three graphs a region."
  }

  assert {
    condition     = length(distinct([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x},${widget.y}"])) == 7
    error_message = "No widget covers another."
  }
}
