# How clients come to a region, by the schema double: names and types are AWS's, values are not.

mock_provider "aws" {}

variables {
  name    = "prod"
  domain  = "llm.example.com"
  zone_id = "Z0123456789ABCDEFGHIJ"
  regions = {
    us-east      = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST" }
    eu-west      = { aws_region = "eu-west-1", load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST" }
    ap-northeast = { aws_region = "ap-northeast-1", load_balancer_arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/net/ap-northeast/0", dns_name = "ap-northeast.elb.example.com", zone_id = "Z0APNORTHEAST" }
  }
}

run "by_latency" {
  command = apply

  assert {
    condition     = length(aws_route53_record.latency) == 3 && alltrue([for name, record in aws_route53_record.latency : record.name == "llm.example.com" && record.set_identifier == name && one(record.latency_routing_policy).region == var.regions[name].aws_region && record.health_check_id == aws_route53_health_check.region[name].id])
    error_message = "One name, a record a region, each with its health."
  }

  assert {
    condition     = alltrue([for name, check in aws_route53_health_check.region : check.fqdn == "${name}.llm.example.com" && check.resource_path == "/ready" && check.type == "HTTPS" && check.request_interval == 10 && check.failure_threshold == 2])
    error_message = "A region is healthy if its routers are ready, asked by its own name."
  }

  assert {
    condition     = output.region_endpoints["eu-west"] == "https://eu-west.llm.example.com" && output.endpoint == "https://llm.example.com" && length(output.addresses) == 0 && length(aws_globalaccelerator_accelerator.this) == 0
    error_message = "No accelerator unless it is wanted."
  }
}

run "drained_region_has_no_record" {
  command = plan

  variables {
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST", dial = 0 }
      eu-west = { aws_region = "eu-west-1", load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST" }
    }
  }

  assert {
    condition     = keys(aws_route53_record.latency) == ["eu-west"] && keys(aws_route53_record.region) == ["eu-west", "us-east"]
    error_message = "A drained region is not in the common name, and keeps its own."
  }
}

run "by_accelerator" {
  command = apply

  variables {
    accelerator = true
    regions = {
      us-east = { aws_region = "us-east-1", load_balancer_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/us-east/0", dns_name = "us-east.elb.example.com", zone_id = "Z0USEAST", dial = 0 }
      eu-west = { aws_region = "eu-west-1", load_balancer_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/eu-west/0", dns_name = "eu-west.elb.example.com", zone_id = "Z0EUWEST", dial = 25 }
    }
  }

  assert {
    condition     = aws_globalaccelerator_endpoint_group.region["us-east"].traffic_dial_percentage == 0 && aws_globalaccelerator_endpoint_group.region["eu-west"].traffic_dial_percentage == 25 && aws_globalaccelerator_endpoint_group.region["eu-west"].endpoint_group_region == "eu-west-1"
    error_message = "A region's dial is its endpoint group's."
  }

  assert {
    condition     = one(aws_route53_record.accelerator[0].alias).name == aws_globalaccelerator_accelerator.this[0].dns_name && length(aws_route53_record.latency) + length(aws_route53_health_check.region) == 0
    error_message = "The common name is the accelerator's."
  }

  assert {
    condition     = one(aws_globalaccelerator_listener.this[0].port_range).from_port == 443 && one(aws_globalaccelerator_listener.this[0].port_range).to_port == 443
    error_message = "Clients come by TLS alone."
  }
}
