# Each refusal: what is wrong, and which variable says so.

mock_provider "aws" {}

variables {
  cell = {
    name                      = "prod"
    region                    = "eu-west"
    aws_region                = "eu-west-1"
    partition                 = "aws"
    account_id                = "123456789012"
    vpc_id                    = "vpc-0123456789abcdef0"
    private_subnet_ids        = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" }
    cluster_security_group_id = "sg-cluster"
    router_security_group_id  = "sg-router"
    cluster_endpoint          = "inner.elb.example.com:5701"
  }
  pool      = "main"
  engine    = { command = ["/opt/vllm/bin/vllm", "serve", "kvlane-demo"] }
  instances = { ami_id = "ami-0123456789abcdef0", type = "g6e.2xlarge", min = 2, max = 4 }
}

run "no_subnets" {
  command = plan
  variables {
    cell = { name = "prod", region = "eu-west", aws_region = "eu-west-1", partition = "aws", account_id = "123456789012", vpc_id = "vpc-0", private_subnet_ids = {}, cluster_security_group_id = "sg-0", router_security_group_id = "sg-1", cluster_endpoint = "inner.elb.example.com:5701" }
  }
  expect_failures = [var.cell]
}

run "pool" {
  command = plan
  variables {
    pool = "Main pool"
  }
  expect_failures = [var.pool]
}

run "command_by_the_path" {
  command = plan
  variables {
    engine = { command = ["vllm", "serve"] }
  }
  expect_failures = [var.engine]
}

run "command_with_a_line_break" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm", "a\nb"] }
  }
  expect_failures = [var.engine]
}

run "environment_with_a_line_break" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], environment = { A = "a\nb" } }
  }
  expect_failures = [var.engine]
}

run "command_with_a_secret" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm", "--api-key=planted"] }
  }
  expect_failures = [var.engine]
}

run "user" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], user = "a b" }
  }
  expect_failures = [var.engine]
}

run "metric" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], running = "a b" }
  }
  expect_failures = [var.engine]
}

run "port" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], port = 80 }
  }
  expect_failures = [var.engine]
}

run "replay_without_events" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], events_port = 0 }
  }
  expect_failures = [var.engine]
}

run "environment_name" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], environment = { "a b" = "c" } }
  }
  expect_failures = [var.engine]
}

run "secret_itself" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm"], secrets = { HF_TOKEN = "planted" } }
  }
  expect_failures = [var.engine]
}

run "ami" {
  command = plan
  variables {
    instances = { ami_id = "debian", type = "g6e.2xlarge", min = 1, max = 2 }
  }
  expect_failures = [var.instances]
}

run "type" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", type = "large", min = 1, max = 2 }
  }
  expect_failures = [var.instances]
}

run "min_over_max" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", type = "g6e.2xlarge", min = 3, max = 2 }
  }
  expect_failures = [var.instances]
}

run "desired_over_max" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", type = "g6e.2xlarge", min = 1, max = 2, desired = 3 }
  }
  expect_failures = [var.instances]
}

run "volume" {
  command = plan
  variables {
    instances = { ami_id = "ami-0123456789abcdef0", type = "g6e.2xlarge", min = 1, max = 2, volume_gib = 1 }
  }
  expect_failures = [var.instances]
}

run "agent_port" {
  command = plan
  variables {
    agent = { port = 8000 }
  }
  expect_failures = [var.agent]
}

run "agent_model" {
  command = plan
  variables {
    agent = { model = "a b" }
  }
  expect_failures = [var.agent]
}

run "egress" {
  command = plan
  variables {
    egress = { nfs = { port = 2049, cidr = "share" } }
  }
  expect_failures = [var.egress]
}

run "drain" {
  command = plan
  variables {
    drain_seconds = 7200
  }
  expect_failures = [var.drain_seconds]
}

run "warmup" {
  command = plan
  variables {
    warmup_seconds = 1
  }
  expect_failures = [var.warmup_seconds]
}

run "policy" {
  command = plan
  variables {
    policy_arns = ["ReadOnlyAccess"]
  }
  expect_failures = [var.policy_arns]
}

run "boundary" {
  command = plan
  variables {
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.permissions_boundary_arn]
}

run "tags_of_the_contract" {
  command = plan
  variables {
    tags = { "kvlane:role" = "router" }
  }
  expect_failures = [var.tags]
}

run "too_much_user_data" {
  command = plan
  variables {
    engine = { command = ["/opt/vllm", format("%017000d", 0)] }
  }
  expect_failures = [aws_launch_template.engine]
}
