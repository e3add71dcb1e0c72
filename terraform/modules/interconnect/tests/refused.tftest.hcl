# Each refusal: what is wrong, and which variable says so.

mock_provider "aws" {}

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
  }
}

run "name" {
  command = plan
  variables {
    name = "Prod"
  }
  expect_failures = [var.name]
}

run "one_region" {
  command = plan
  variables {
    regions = {
      us-east = {
        aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.1.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-us-east-a", b = "subnet-us-east-b" }
        private_route_table_ids  = { a = "rtb-us-east-a", b = "rtb-us-east-b" }
        router_security_group_id = "sg-us-east-router", link_security_group_id = "sg-us-east-link"
        link_dns_name            = "us-east.elb.example.com", link_zone_id = "ZUSEAST"
      }
    }
  }
  expect_failures = [var.regions]
}

run "too_many_regions" {
  command = plan
  variables {
    mode = "auto"
    regions = {
      r-a = {
        aws_region               = "us-east-1", vpc_id = "vpc-r-a", cidr = "10.0.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-a-a", b = "subnet-r-a-b" }
        private_route_table_ids  = { a = "rtb-r-a-a", b = "rtb-r-a-b" }
        router_security_group_id = "sg-r-a-router", link_security_group_id = "sg-r-a-link"
        link_dns_name            = "r-a.elb.example.com", link_zone_id = "ZRA"
      }
      r-b = {
        aws_region               = "us-east-2", vpc_id = "vpc-r-b", cidr = "10.1.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-b-a", b = "subnet-r-b-b" }
        private_route_table_ids  = { a = "rtb-r-b-a", b = "rtb-r-b-b" }
        router_security_group_id = "sg-r-b-router", link_security_group_id = "sg-r-b-link"
        link_dns_name            = "r-b.elb.example.com", link_zone_id = "ZRB"
      }
      r-c = {
        aws_region               = "us-east-3", vpc_id = "vpc-r-c", cidr = "10.2.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-c-a", b = "subnet-r-c-b" }
        private_route_table_ids  = { a = "rtb-r-c-a", b = "rtb-r-c-b" }
        router_security_group_id = "sg-r-c-router", link_security_group_id = "sg-r-c-link"
        link_dns_name            = "r-c.elb.example.com", link_zone_id = "ZRC"
      }
      r-d = {
        aws_region               = "us-east-4", vpc_id = "vpc-r-d", cidr = "10.3.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-d-a", b = "subnet-r-d-b" }
        private_route_table_ids  = { a = "rtb-r-d-a", b = "rtb-r-d-b" }
        router_security_group_id = "sg-r-d-router", link_security_group_id = "sg-r-d-link"
        link_dns_name            = "r-d.elb.example.com", link_zone_id = "ZRD"
      }
      r-e = {
        aws_region               = "us-east-5", vpc_id = "vpc-r-e", cidr = "10.4.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-e-a", b = "subnet-r-e-b" }
        private_route_table_ids  = { a = "rtb-r-e-a", b = "rtb-r-e-b" }
        router_security_group_id = "sg-r-e-router", link_security_group_id = "sg-r-e-link"
        link_dns_name            = "r-e.elb.example.com", link_zone_id = "ZRE"
      }
      r-f = {
        aws_region               = "us-east-6", vpc_id = "vpc-r-f", cidr = "10.5.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-f-a", b = "subnet-r-f-b" }
        private_route_table_ids  = { a = "rtb-r-f-a", b = "rtb-r-f-b" }
        router_security_group_id = "sg-r-f-router", link_security_group_id = "sg-r-f-link"
        link_dns_name            = "r-f.elb.example.com", link_zone_id = "ZRF"
      }
      r-g = {
        aws_region               = "us-east-7", vpc_id = "vpc-r-g", cidr = "10.6.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-g-a", b = "subnet-r-g-b" }
        private_route_table_ids  = { a = "rtb-r-g-a", b = "rtb-r-g-b" }
        router_security_group_id = "sg-r-g-router", link_security_group_id = "sg-r-g-link"
        link_dns_name            = "r-g.elb.example.com", link_zone_id = "ZRG"
      }
      r-h = {
        aws_region               = "us-east-8", vpc_id = "vpc-r-h", cidr = "10.7.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-h-a", b = "subnet-r-h-b" }
        private_route_table_ids  = { a = "rtb-r-h-a", b = "rtb-r-h-b" }
        router_security_group_id = "sg-r-h-router", link_security_group_id = "sg-r-h-link"
        link_dns_name            = "r-h.elb.example.com", link_zone_id = "ZRH"
      }
      r-i = {
        aws_region               = "us-east-9", vpc_id = "vpc-r-i", cidr = "10.8.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-i-a", b = "subnet-r-i-b" }
        private_route_table_ids  = { a = "rtb-r-i-a", b = "rtb-r-i-b" }
        router_security_group_id = "sg-r-i-router", link_security_group_id = "sg-r-i-link"
        link_dns_name            = "r-i.elb.example.com", link_zone_id = "ZRI"
      }
      r-j = {
        aws_region               = "us-east-1", vpc_id = "vpc-r-j", cidr = "10.9.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-j-a", b = "subnet-r-j-b" }
        private_route_table_ids  = { a = "rtb-r-j-a", b = "rtb-r-j-b" }
        router_security_group_id = "sg-r-j-router", link_security_group_id = "sg-r-j-link"
        link_dns_name            = "r-j.elb.example.com", link_zone_id = "ZRJ"
      }
      r-k = {
        aws_region               = "us-east-2", vpc_id = "vpc-r-k", cidr = "10.10.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-k-a", b = "subnet-r-k-b" }
        private_route_table_ids  = { a = "rtb-r-k-a", b = "rtb-r-k-b" }
        router_security_group_id = "sg-r-k-router", link_security_group_id = "sg-r-k-link"
        link_dns_name            = "r-k.elb.example.com", link_zone_id = "ZRK"
      }
      r-l = {
        aws_region               = "us-east-3", vpc_id = "vpc-r-l", cidr = "10.11.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-l-a", b = "subnet-r-l-b" }
        private_route_table_ids  = { a = "rtb-r-l-a", b = "rtb-r-l-b" }
        router_security_group_id = "sg-r-l-router", link_security_group_id = "sg-r-l-link"
        link_dns_name            = "r-l.elb.example.com", link_zone_id = "ZRL"
      }
      r-m = {
        aws_region               = "us-east-4", vpc_id = "vpc-r-m", cidr = "10.12.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-m-a", b = "subnet-r-m-b" }
        private_route_table_ids  = { a = "rtb-r-m-a", b = "rtb-r-m-b" }
        router_security_group_id = "sg-r-m-router", link_security_group_id = "sg-r-m-link"
        link_dns_name            = "r-m.elb.example.com", link_zone_id = "ZRM"
      }
      r-n = {
        aws_region               = "us-east-5", vpc_id = "vpc-r-n", cidr = "10.13.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-n-a", b = "subnet-r-n-b" }
        private_route_table_ids  = { a = "rtb-r-n-a", b = "rtb-r-n-b" }
        router_security_group_id = "sg-r-n-router", link_security_group_id = "sg-r-n-link"
        link_dns_name            = "r-n.elb.example.com", link_zone_id = "ZRN"
      }
      r-o = {
        aws_region               = "us-east-6", vpc_id = "vpc-r-o", cidr = "10.14.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-o-a", b = "subnet-r-o-b" }
        private_route_table_ids  = { a = "rtb-r-o-a", b = "rtb-r-o-b" }
        router_security_group_id = "sg-r-o-router", link_security_group_id = "sg-r-o-link"
        link_dns_name            = "r-o.elb.example.com", link_zone_id = "ZRO"
      }
      r-p = {
        aws_region               = "us-east-7", vpc_id = "vpc-r-p", cidr = "10.15.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-p-a", b = "subnet-r-p-b" }
        private_route_table_ids  = { a = "rtb-r-p-a", b = "rtb-r-p-b" }
        router_security_group_id = "sg-r-p-router", link_security_group_id = "sg-r-p-link"
        link_dns_name            = "r-p.elb.example.com", link_zone_id = "ZRP"
      }
      r-q = {
        aws_region               = "us-east-8", vpc_id = "vpc-r-q", cidr = "10.16.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-r-q-a", b = "subnet-r-q-b" }
        private_route_table_ids  = { a = "rtb-r-q-a", b = "rtb-r-q-b" }
        router_security_group_id = "sg-r-q-router", link_security_group_id = "sg-r-q-link"
        link_dns_name            = "r-q.elb.example.com", link_zone_id = "ZRQ"
      }
    }
  }
  expect_failures = [var.regions]
}

run "no_network" {
  command = plan
  variables {
    regions = {
      us-east = {
        aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.1", link_port = 7100
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
    }
  }
  expect_failures = [var.regions]
}

run "equal_networks" {
  command = plan
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
        aws_region               = "eu-west-1", vpc_id = "vpc-eu-west", cidr = "10.1.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-eu-west-a", b = "subnet-eu-west-b" }
        private_route_table_ids  = { a = "rtb-eu-west-a", b = "rtb-eu-west-b" }
        router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
      }
    }
  }
  expect_failures = [var.regions]
}

run "one_network_in_the_other" {
  command = plan
  variables {
    regions = {
      us-east = {
        aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.0.0.0/8", link_port = 7100
        private_subnet_ids       = { a = "subnet-us-east-a", b = "subnet-us-east-b" }
        private_route_table_ids  = { a = "rtb-us-east-a", b = "rtb-us-east-b" }
        router_security_group_id = "sg-us-east-router", link_security_group_id = "sg-us-east-link"
        link_dns_name            = "us-east.elb.example.com", link_zone_id = "ZUSEAST"
      }
      eu-west = {
        aws_region               = "eu-west-1", vpc_id = "vpc-eu-west", cidr = "10.2.16.0/20", link_port = 7100
        private_subnet_ids       = { a = "subnet-eu-west-a", b = "subnet-eu-west-b" }
        private_route_table_ids  = { a = "rtb-eu-west-a", b = "rtb-eu-west-b" }
        router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
      }
    }
  }
  expect_failures = [var.regions]
}

run "no_route_table" {
  command = plan
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
        private_route_table_ids  = {}
        router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
      }
    }
  }
  expect_failures = [var.regions]
}

run "mode" {
  command = plan
  variables {
    mode = "vpn"
  }
  expect_failures = [var.mode]
}

run "five_by_peering" {
  command = plan
  variables {
    mode = "peering"
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
  expect_failures = [var.mode]
}

run "gateways_in_one_aws_region" {
  command = plan
  variables {
    mode = "transit-gateway"
    regions = {
      us-east = {
        aws_region               = "us-east-1", vpc_id = "vpc-us-east", cidr = "10.1.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-us-east-a", b = "subnet-us-east-b" }
        private_route_table_ids  = { a = "rtb-us-east-a", b = "rtb-us-east-b" }
        router_security_group_id = "sg-us-east-router", link_security_group_id = "sg-us-east-link"
        link_dns_name            = "us-east.elb.example.com", link_zone_id = "ZUSEAST"
      }
      eu-west = {
        aws_region               = "us-east-1", vpc_id = "vpc-eu-west", cidr = "10.2.0.0/16", link_port = 7100
        private_subnet_ids       = { a = "subnet-eu-west-a", b = "subnet-eu-west-b" }
        private_route_table_ids  = { a = "rtb-eu-west-a", b = "rtb-eu-west-b" }
        router_security_group_id = "sg-eu-west-router", link_security_group_id = "sg-eu-west-link"
        link_dns_name            = "eu-west.elb.example.com", link_zone_id = "ZEUWEST"
      }
    }
  }
  expect_failures = [var.mode]
}

run "link_domain" {
  command = plan
  variables {
    link_domain = "internal"
  }
  expect_failures = [var.link_domain]
}

run "tags_of_the_contract" {
  command = plan
  variables {
    tags = { "kvlane:cell" = "other" }
  }
  expect_failures = [var.tags]
}
