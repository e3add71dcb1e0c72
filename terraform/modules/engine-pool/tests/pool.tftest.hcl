# What a pool is planned to be, by the schema double: names and types are AWS's, values are not.

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
  pool = "main"
  engine = {
    command     = ["/opt/vllm/bin/vllm", "serve", "kvlane-demo", "--kv-events-config", "{\"publisher\": \"zmq\"}", "100%", "$HOME"]
    environment = { VLLM_LOGGING_LEVEL = "a \"b\" $c" }
    secrets     = { HF_TOKEN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kvlane/hub-AbCdEf" }
  }
  agent         = { model = "kvlane-demo" }
  drain_seconds = 900
  instances     = { ami_id = "ami-0123456789abcdef0", type = "g6e.2xlarge", min = 2, max = 4 }
}

run "planned" {
  command = apply

  assert {
    condition     = aws_launch_template.engine.metadata_options[0].http_tokens == "required" && aws_launch_template.engine.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instance metadata is for IMDSv2 alone, one hop."
  }

  assert {
    condition     = toset(aws_launch_template.engine.network_interfaces[0].security_groups) == toset([aws_security_group.engine.id, "sg-cluster"]) && aws_launch_template.engine.network_interfaces[0].associate_public_ip_address == "false"
    error_message = "The agent may reach the cell's cluster; the machine has no public address."
  }

  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.engine.referenced_security_group_id == "sg-router" && aws_vpc_security_group_ingress_rule.engine.from_port == 8000
      && aws_vpc_security_group_egress_rule.router.security_group_id == "sg-router" && aws_vpc_security_group_egress_rule.router.referenced_security_group_id == aws_security_group.engine.id
    )
    error_message = "Routers of the cell reach the engine, and nobody else does."
  }

  assert {
    condition = alltrue([for key, value in { "kvlane:cell" = "prod-eu-west", "kvlane:region" = "eu-west", "kvlane:role" = "engine" } :
      contains([for tag in aws_autoscaling_group.engine.tag : "${tag.key}=${tag.value}" if tag.propagate_at_launch], "${key}=${value}")
    ])
    error_message = "Engines have the cell's tags, and are no routers."
  }

  assert {
    condition     = aws_autoscaling_group.engine.instance_refresh[0].preferences[0].min_healthy_percentage >= 90 && aws_autoscaling_lifecycle_hook.drain.heartbeat_timeout > var.drain_seconds
    error_message = "Engines are replaced one by one, and each is waited for."
  }

  assert {
    condition     = strcontains(local.bootstrap, "--auto-scaling-group-name '${aws_autoscaling_group.engine.name}'") && strcontains(local.bootstrap, "--lifecycle-hook-name '${aws_autoscaling_lifecycle_hook.drain.name}'")
    error_message = "The machine's drain names the group and the hook that wait for it."
  }

  assert {
    condition     = strcontains(local.bootstrap, "\nExecStart=\"/opt/vllm/bin/vllm\" \"serve\" \"kvlane-demo\" \"--kv-events-config\" \"{\\\"publisher\\\": \\\"zmq\\\"}\" \"100%%\" \"$$HOME\"\n")
    error_message = "systemd starts the engine with the words that were given."
  }

  assert {
    condition     = strcontains(local.bootstrap, "VLLM_LOGGING_LEVEL=\"a \\\"b\\\" \\$c\"")
    error_message = "systemd reads the environment's values as they were given."
  }

  assert {
    condition     = module.agent.environment["KVLANE_AGENT_MEMBER"] == "inner.elb.example.com:5701" && module.agent.environment["KVLANE_AGENT_CLUSTER"] == "prod-eu-west" && strcontains(local.bootstrap, "KVLANE_AGENT_ADVERTISE=http://$(metadata local-ipv4):8000")
    error_message = "The agent finds routers by the inner load balancer, and says where they find the engine."
  }

  assert {
    condition     = strcontains(local.bootstrap, "--secret-id 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:kvlane/hub-AbCdEf'") && length(local.user_data) < 16384
    error_message = "The engine's secret is fetched when it starts."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_iam_role_policy.engine.policy).Statement : !contains(statement.Resource, "*")])
    error_message = "No right is for everything."
  }
}

run "engine_without_events" {
  command = plan

  variables {
    engine = { command = ["/opt/other/engine"], events_port = 0, replay_port = 0, running = "sglang:num_running_reqs" }
  }

  assert {
    condition     = !contains(keys(module.agent.environment), "KVLANE_AGENT_EVENTS") && strcontains(local.bootstrap, "sglang:num_running_reqs")
    error_message = "An engine that tells nothing of its cache is served all the same."
  }
}
