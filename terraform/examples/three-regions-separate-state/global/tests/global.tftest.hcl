# What is between the regions, by the schema double: names and types are AWS's, values are not.
# terraform test -var-file=../global.tfvars.example

mock_provider "aws" {}

override_data {
  target = data.terraform_remote_state.region["us-east"]
  values = {
    outputs = {
      interconnect = {
        aws_region               = "us-east-1"
        vpc_id                   = "vpc-us-east"
        cidr                     = "10.1.0.0/16"
        private_subnet_ids       = { us-east-1a = "subnet-us-east" }
        private_route_table_ids  = { us-east-1a = "rtb-us-east" }
        router_security_group_id = "sg-us-east-router"
        link_security_group_id   = "sg-us-east-link"
        link_dns_name            = "us-east.elb.example.com"
        link_zone_id             = "Z0"
        link_port                = 7100
      }
      global = {
        aws_region        = "us-east-1"
        load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0"
        dns_name          = "us-east.elb.example.com"
        zone_id           = "Z0"
      }
      observability = {
        aws_region         = "us-east-1"
        cell               = "prod-us-east"
        log_group_name     = "/kvlane/prod-us-east/router"
        group_name         = "prod-us-east-router"
        load_balancer      = "net/us-east/0"
        target_group       = "targetgroup/us-east/0"
        no_ready_alarm_arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:prod-us-east-no-ready-router"
      }
    }
  }
}

override_data {
  target = data.terraform_remote_state.region["eu-west"]
  values = {
    outputs = {
      interconnect = {
        aws_region               = "eu-west-1"
        vpc_id                   = "vpc-eu-west"
        cidr                     = "10.2.0.0/16"
        private_subnet_ids       = { eu-west-1a = "subnet-eu-west" }
        private_route_table_ids  = { eu-west-1a = "rtb-eu-west" }
        router_security_group_id = "sg-eu-west-router"
        link_security_group_id   = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com"
        link_zone_id             = "Z0"
        link_port                = 7100
      }
      global = {
        aws_region        = "eu-west-1"
        load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0"
        dns_name          = "eu-west.elb.example.com"
        zone_id           = "Z0"
      }
      observability = {
        aws_region         = "eu-west-1"
        cell               = "prod-eu-west"
        log_group_name     = "/kvlane/prod-eu-west/router"
        group_name         = "prod-eu-west-router"
        load_balancer      = "net/eu-west/0"
        target_group       = "targetgroup/eu-west/0"
        no_ready_alarm_arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:prod-eu-west-no-ready-router"
      }
    }
  }
}

override_data {
  target = data.terraform_remote_state.region["ap-northeast"]
  values = {
    outputs = {
      interconnect = {
        aws_region               = "ap-northeast-1"
        vpc_id                   = "vpc-ap-northeast"
        cidr                     = "10.3.0.0/16"
        private_subnet_ids       = { ap-northeast-1a = "subnet-ap-northeast" }
        private_route_table_ids  = { ap-northeast-1a = "rtb-ap-northeast" }
        router_security_group_id = "sg-ap-northeast-router"
        link_security_group_id   = "sg-ap-northeast-link"
        link_dns_name            = "ap-northeast.elb.example.com"
        link_zone_id             = "Z0"
        link_port                = 7100
      }
      global = {
        aws_region        = "ap-northeast-1"
        load_balancer_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/net/ap-northeast/0"
        dns_name          = "ap-northeast.elb.example.com"
        zone_id           = "Z0"
      }
      observability = {
        aws_region         = "ap-northeast-1"
        cell               = "prod-ap-northeast"
        log_group_name     = "/kvlane/prod-ap-northeast/router"
        group_name         = "prod-ap-northeast-router"
        load_balancer      = "net/ap-northeast/0"
        target_group       = "targetgroup/ap-northeast/0"
        no_ready_alarm_arn = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:prod-ap-northeast-no-ready-router"
      }
    }
  }
}

run "joined" {
  command = plan

  assert {
    condition     = output.endpoint == "https://llm.example.com" && output.links["eu-west"] == "eu-west.link.prod.internal:7100"
    error_message = "Three states are joined."
  }
}

run "one_region" {
  command = plan

  variables {
    dials = { us-east = 100 }
  }

  expect_failures = [var.dials]
}
