# How regions are joined, by the schema double: names and types are AWS's, values are not.

mock_provider "aws" {}

variables {
  name = "prod"
  regions = {
    us-east = {
      aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.1.0.0/16", link_port = 7100
      private_subnet_ids       = { a = "subnet-us-east-a", b = "subnet-us-east-b" }
      private_route_table_ids  = { a = "rtb-us-east-a", b = "rtb-us-east-b" }
      router_security_group_id = "sg-us-east-router", link_security_group_id = "sg-us-east-link"
      link_dns_name            = "us-east.elb.example.com", link_zone_id = "ZUSEAST"
    }
    eu-west = {
      aws_region               = "eu-west-1", vpc_id = "vpc-eu-west", cidr = "10.2.0.0/16", link_port = 7100
      private_subnet_ids       = { a = "subnet-eu-west-a", b = "subnet-eu-west-b" }
      private_route_table_ids  = { a = "rtb-eu-west-a", b = "rtb-eu-west-b" }
      router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
      link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
    }
    ap-northeast = {
      aws_region               = "ap-northeast-1", vpc_id = "vpc-ap-northeast", cidr = "10.3.0.0/16", link_port = 7100
      private_subnet_ids       = { a = "subnet-ap-northeast-a", b = "subnet-ap-northeast-b" }
      private_route_table_ids  = { a = "rtb-ap-northeast-a", b = "rtb-ap-northeast-b" }
      router_security_group_id = "sg-ap-northeast-router", link_security_group_id = "sg-ap-northeast-link"
      link_dns_name            = "ap-northeast.elb.example.com", link_zone_id = "ZAPNORTHEAST"
    }
  }
}

run "three_by_peering" {
  command = apply

  assert {
    condition     = output.mode == "peering" && keys(aws_vpc_peering_connection.this) == ["ap-northeast:eu-west", "ap-northeast:us-east", "eu-west:us-east"] && length(aws_ec2_transit_gateway.this) == 0
    error_message = "Each pair of regions is peered once."
  }

  assert {
    condition = alltrue([for pair, accepter in aws_vpc_peering_connection_accepter.this :
      accepter.region == var.regions[split(":", pair)[1]].aws_region && accepter.auto_accept && accepter.vpc_peering_connection_id == aws_vpc_peering_connection.this[pair].id
    ])
    error_message = "Each connection is accepted in the other region."
  }

  assert {
    condition     = length(aws_route.peering) == 12 && aws_route.peering["eu-west>us-east:b"].route_table_id == "rtb-eu-west-b" && aws_route.peering["eu-west>us-east:b"].destination_cidr_block == "10.1.0.0/16" && aws_route.peering["eu-west>us-east:b"].region == "eu-west-1"
    error_message = "Every private route table knows the way to every other region."
  }

  # WAN rules.
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.link) == 6 && alltrue([for rule in aws_vpc_security_group_ingress_rule.link : rule.from_port == 7100 && rule.to_port == 7100 && rule.ip_protocol == "tcp" && rule.cidr_ipv4 != "0.0.0.0/0"])
    error_message = "Nothing but links is reached from other regions."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.link["us-east>eu-west"].security_group_id == "sg-eu-west-link" && aws_vpc_security_group_ingress_rule.link["us-east>eu-west"].cidr_ipv4 == "10.1.0.0/16"
      && aws_vpc_security_group_egress_rule.router["us-east>eu-west"].security_group_id == "sg-us-east-router" && aws_vpc_security_group_egress_rule.router["us-east>eu-west"].cidr_ipv4 == "10.2.0.0/16"
    )
    error_message = "Each region lets in its peers' networks, each router out to theirs."
  }

  assert {
    condition     = output.links["eu-west"] == "eu-west.link.prod.internal:7100" && one(aws_route53_record.link["eu-west"].alias).name == "eu-west.elb.example.com" && length(aws_route53_zone.link.vpc) == 3
    error_message = "Links are where modules/region tells routers to look, in all regions."
  }
}

run "five_by_transit_gateways" {
  command = apply

  variables {
    regions = {
      us-east = {
        aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.1.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-us-east-a", b = "subnet-us-east-b" }
        private_route_table_ids  = { a = "rtb-us-east-a", b = "rtb-us-east-b" }
        router_security_group_id = "sg-us-east-router", link_security_group_id = "sg-us-east-link"
        link_dns_name            = "us-east.elb.example.com", link_zone_id = "ZUSEAST"
      }
      eu-west = {
        aws_region               = "eu-west-1", vpc_id = "vpc-eu-west", cidr = "10.2.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-eu-west-a", b = "subnet-eu-west-b" }
        private_route_table_ids  = { a = "rtb-eu-west-a", b = "rtb-eu-west-b" }
        router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
      }
      ap-northeast = {
        aws_region               = "ap-northeast-1", vpc_id = "vpc-ap-northeast", cidr = "10.3.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-ap-northeast-a", b = "subnet-ap-northeast-b" }
        private_route_table_ids  = { a = "rtb-ap-northeast-a", b = "rtb-ap-northeast-b" }
        router_security_group_id = "sg-ap-northeast-router", link_security_group_id = "sg-ap-northeast-link"
        link_dns_name            = "ap-northeast.elb.example.com", link_zone_id = "ZAPNORTHEAST"
      }
      sa-east = {
        aws_region               = "sa-east-1", vpc_id = "vpc-sa-east", cidr = "10.4.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-sa-east-a", b = "subnet-sa-east-b" }
        private_route_table_ids  = { a = "rtb-sa-east-a", b = "rtb-sa-east-b" }
        router_security_group_id = "sg-sa-east-router", link_security_group_id = "sg-sa-east-link"
        link_dns_name            = "sa-east.elb.example.com", link_zone_id = "ZSAEAST"
      }
      ap-south = {
        aws_region               = "ap-south-1", vpc_id = "vpc-ap-south", cidr = "10.5.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-ap-south-a", b = "subnet-ap-south-b" }
        private_route_table_ids  = { a = "rtb-ap-south-a", b = "rtb-ap-south-b" }
        router_security_group_id = "sg-ap-south-router", link_security_group_id = "sg-ap-south-link"
        link_dns_name            = "ap-south.elb.example.com", link_zone_id = "ZAPSOUTH"
      }
    }
  }

  assert {
    condition     = output.mode == "transit-gateway" && length(aws_ec2_transit_gateway.this) == 5 && length(aws_vpc_peering_connection.this) == 0 && length(aws_ec2_transit_gateway_peering_attachment.this) == 10
    error_message = "A gateway a region, each pair peered once."
  }

  assert {
    condition     = length(aws_ec2_transit_gateway_route.this) == 20 && length(aws_route.transit) == 40 && aws_route.transit["sa-east>ap-south:a"].transit_gateway_id == aws_ec2_transit_gateway.this["sa-east"].id
    error_message = "Every region knows the way to every other one."
  }

  assert {
    condition     = aws_ec2_transit_gateway_route.this["us-east>eu-west"].transit_gateway_attachment_id == aws_ec2_transit_gateway_peering_attachment_accepter.this["eu-west:us-east"].id && aws_ec2_transit_gateway_route.this["us-east>eu-west"].region == "us-east-1"
    error_message = "A gateway's routes lead to its peer."
  }
}

run "three_by_transit_gateways_if_wanted" {
  command = plan

  variables {
    mode = "transit-gateway"
  }

  assert {
    condition     = output.mode == "transit-gateway" && length(aws_ec2_transit_gateway.this) == 3
    error_message = "The choice is the user's."
  }
}
