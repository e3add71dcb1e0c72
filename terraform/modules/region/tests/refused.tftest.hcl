# Each refusal: what is wrong, and which variable says so.

mock_provider "aws" {}

variables {
  region     = "eu-west"
  aws_region = "eu-west-1"
  network    = { cidr = "10.2.0.0/16", zones = ["eu-west-1a", "eu-west-1b"] }
  load_balancer = {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    ingress_cidrs   = ["0.0.0.0/0"]
  }
  instances = { ami_id = "ami-0123456789abcdef0" }
  router    = { policies = null }
}

run "name" {
  command = plan
  variables {
    name = "Prod"
  }
  expect_failures = [var.name]
}

run "region" {
  command = plan
  variables {
    region = "EU west"
  }
  expect_failures = [var.region]
}

run "aws_region" {
  command = plan
  variables {
    aws_region = "europe"
  }
  expect_failures = [var.aws_region]
}

run "tags_of_the_contract" {
  command = plan
  variables {
    tags = { "kvlane:cell" = "other" }
  }
  expect_failures = [var.tags]
}

run "network_neither" {
  command = plan
  variables {
    network = {}
  }
  expect_failures = [var.network]
}

run "network_both" {
  command = plan
  variables {
    network = { cidr = "10.2.0.0/16", zones = ["eu-west-1a", "eu-west-1b"], existing = { vpc_id = "vpc-0", cidr = "10.2.0.0/16", private_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" }, public_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" } } }
  }
  expect_failures = [var.network]
}

run "network_too_small" {
  command = plan
  variables {
    network = { cidr = "10.2.0.0/24", zones = ["eu-west-1a", "eu-west-1b"] }
  }
  expect_failures = [var.network]
}

run "network_with_host_bits" {
  command = plan
  variables {
    network = { cidr = "10.2.3.4/16", zones = ["eu-west-1a", "eu-west-1b"] }
  }
  expect_failures = [var.network]
}

run "one_zone" {
  command = plan
  variables {
    network = { cidr = "10.2.0.0/16", zones = ["eu-west-1a"] }
  }
  expect_failures = [var.network]
}

run "zones_of_another_region" {
  command = plan
  variables {
    network = { cidr = "10.2.0.0/16", zones = ["us-east-1a", "us-east-1b"] }
  }
  expect_failures = [var.network]
}

run "nat" {
  command = plan
  variables {
    network = { cidr = "10.2.0.0/16", zones = ["eu-west-1a", "eu-west-1b"], nat = "some" }
  }
  expect_failures = [var.network]
}

run "existing_with_one_subnet" {
  command = plan
  variables {
    network = { existing = { vpc_id = "vpc-0", cidr = "10.2.0.0/16", private_subnet_ids = { eu-west-1a = "subnet-0a" }, public_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" } } }
  }
  expect_failures = [var.network]
}

run "existing_cidr" {
  command = plan
  variables {
    network = { existing = { vpc_id = "vpc-0", cidr = "10.2", private_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" }, public_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" } } }
  }
  expect_failures = [var.network]
}

run "certificate_of_another_region" {
  command = plan
  variables {
    load_balancer = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/x", ingress_cidrs = ["0.0.0.0/0"] }
  }
  expect_failures = [var.load_balancer]
}

run "nobody_may_connect" {
  command = plan
  variables {
    load_balancer = { certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/x", ingress_cidrs = [] }
  }
  expect_failures = [var.load_balancer]
}

run "old_tls" {
  command = plan
  variables {
    load_balancer = { certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/x", ingress_cidrs = ["0.0.0.0/0"], ssl_policy = "ELBSecurityPolicy-2016-08" }
  }
  expect_failures = [var.load_balancer]
}

run "public_without_public_subnets" {
  command = plan
  variables {
    network = { existing = { vpc_id = "vpc-0", cidr = "10.2.0.0/16", private_subnet_ids = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" } } }
  }
  expect_failures = [var.load_balancer]
}

run "egress_port" {
  command = plan
  variables {
    egress = { "policy store" = { port = 0, cidr = "10.9.1.0/24" } }
  }
  expect_failures = [var.egress]
}

run "egress_cidr" {
  command = plan
  variables {
    egress = { "policy store" = { port = 5432, cidr = "database" } }
  }
  expect_failures = [var.egress]
}

run "egress_name" {
  command = plan
  variables {
    egress = { "team's store" = { port = 5432, cidr = "10.9.1.0/24" } }
  }
  expect_failures = [var.egress]
}

run "admin_for_everybody" {
  command = plan
  variables {
    admin_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.admin_cidrs]
}

run "admin_without_keys" {
  command = plan
  variables {
    admin_cidrs = ["10.9.0.0/24"]
    router      = { policies = null }
  }
  expect_failures = [var.admin_cidrs]
}

run "ami" {
  command = plan
  variables {
    instances = { ami_id = "debian" }
  }
  expect_failures = [var.instances]
}

run "instance_type" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", type = "large" }
  }
  expect_failures = [var.instances]
}

run "one_router" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", min = 1, max = 3 }
  }
  expect_failures = [var.instances]
}

run "no_room_for_an_update" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", min = 3, max = 3 }
  }
  expect_failures = [var.instances]
}

run "volume" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", volume_gib = 4 }
  }
  expect_failures = [var.instances]
}

run "silence_over_350_s" {
  command = plan
  variables {
    router = { policies = null, sse_keep_alive_seconds = 340 }
  }
  expect_failures = [var.router]
}

run "policy_store_in_a_file" {
  command = plan
  variables {
    router = { policies = {} }
  }
  expect_failures = [var.router]
}

run "ports_equal" {
  command = plan
  variables {
    ports = { clients = 8100, admin = 8100 }
  }
  expect_failures = [var.ports]
}

run "ports_below_1024" {
  command = plan
  variables {
    ports = { clients = 80 }
  }
  expect_failures = [var.ports]
}

run "peer_of_itself" {
  command = plan
  variables {
    peers  = ["eu-west"]
    router = { policies = null, link = { certificate = "/c", key = "/k", trust = "/t" } }
  }
  expect_failures = [var.peers]
}

run "peers_without_a_link" {
  command = plan
  variables {
    peers = ["us-east"]
  }
  expect_failures = [var.peers]
}

run "link_domain" {
  command = plan
  variables {
    link_domain = "internal"
  }
  expect_failures = [var.link_domain]
}

run "drain_too_long" {
  command = plan
  variables {
    drain_seconds = 7200
  }
  expect_failures = [var.drain_seconds]
}

run "drain_too_short" {
  command = plan
  variables {
    drain_seconds = 5
  }
  expect_failures = [var.drain_seconds]
}

run "log_retention" {
  command = plan
  variables {
    logs = { retention_days = 10 }
  }
  expect_failures = [var.logs]
}

run "topic_of_another_region" {
  command = plan
  variables {
    alarm_topic_arns = ["arn:aws:sns:us-east-1:123456789012:operators"]
  }
  expect_failures = [var.alarm_topic_arns]
}

run "secret_key" {
  command = plan
  variables {
    secret_key_arns = ["alias/kvlane"]
  }
  expect_failures = [var.secret_key_arns]
}

run "boundary" {
  command = plan
  variables {
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.permissions_boundary_arn]
}

run "too_much_user_data" {
  command = plan
  variables {
    router = { policies = null, extra = { limits = { note = format("%017000d", 0) } } }
  }
  expect_failures = [aws_launch_template.router]
}

run "existing_subnets_not_by_zone" {
  command = plan
  variables {
    network = { existing = { vpc_id = "vpc-0", cidr = "10.2.0.0/16", private_subnet_ids = { a = "subnet-0a", b = "subnet-0b" }, public_subnet_ids = { a = "subnet-1a", b = "subnet-1b" } } }
  }
  expect_failures = [aws_autoscaling_group.router]
}
