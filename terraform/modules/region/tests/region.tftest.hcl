# What a region is planned to be, by the schema double: names and types are AWS's, values are not.

mock_provider "aws" {}

variables {
  name       = "prod"
  region     = "eu-west"
  aws_region = "eu-west-1"
  peers      = ["us-east"]
  network    = { cidr = "10.2.0.0/16", zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  load_balancer = {
    certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    ingress_cidrs   = ["0.0.0.0/0"]
  }
  instances        = { ami_id = "ami-0123456789abcdef0", min = 3, max = 6 }
  admin_cidrs      = ["10.9.0.0/24"]
  egress           = { "policy store" = { port = 5432, cidr = "10.9.1.0/24" } }
  alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:operators"]
  drain_seconds    = 900
  tags             = { owner = "platform" }
  router = {
    pools = [{ model = "kvlane-demo" }]
    link  = { certificate = "/run/kvlane/link.crt.pem", key = "/run/kvlane/link.key.pem", trust = "/run/kvlane/link.ca.pem" }
    secret_files = {
      "/run/kvlane/link.key.pem" = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kvlane/link-AbCdEf"
    }
    tenants  = [{ name = "acme", salt = "arn:aws:ssm:eu-west-1:123456789012:parameter/kvlane/acme" }]
    admin    = { keys = [{ id = "operators", hash = "00000000000000000000000000000000000000000000000000000000000000ff", role = "admin" }] }
    policies = { control = "us-east" }
    archive  = { url = "s3://example-archives/kvlane-router.tar.gz", sha256 = "00000000000000000000000000000000000000000000000000000000000000ee" }
  }
}

run "planned" {
  command = apply

  assert {
    condition     = aws_launch_template.router.metadata_options[0].http_tokens == "required" && aws_launch_template.router.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instance metadata is for IMDSv2 alone, one hop."
  }

  assert {
    condition     = aws_launch_template.router.block_device_mappings[0].ebs[0].encrypted == "true" && aws_launch_template.router.network_interfaces[0].associate_public_ip_address == "false"
    error_message = "Volumes are encrypted, machines have no public address."
  }

  assert {
    condition     = toset(aws_launch_template.router.network_interfaces[0].security_groups) == toset([aws_security_group.router.id, aws_security_group.cluster.id])
    error_message = "Routers are in the cell's own group and in that of routers."
  }

  assert {
    condition     = base64decode(aws_launch_template.router.user_data) == local.user_data && strcontains(local.user_data, module.config.yaml == "" ? "-" : "kvlane-router.service")
    error_message = "What starts the router is in the user data."
  }

  # Hazelcast.
  assert {
    condition = (
      aws_vpc_security_group_ingress_rule.cluster.referenced_security_group_id == aws_security_group.cluster.id
      && aws_vpc_security_group_ingress_rule.cluster.security_group_id == aws_security_group.cluster.id
      && aws_vpc_security_group_ingress_rule.cluster.from_port == 5701 && aws_vpc_security_group_ingress_rule.cluster.to_port == 5701
      && aws_vpc_security_group_ingress_rule.cluster.cidr_ipv4 == null
    )
    error_message = "The Hazelcast port is open to the cell's own group, and to no network."
  }

  assert {
    condition = alltrue([for rule in concat(
      values(aws_vpc_security_group_ingress_rule.router), values(aws_vpc_security_group_ingress_rule.admin), values(aws_vpc_security_group_ingress_rule.clients),
    ) : rule.from_port == rule.to_port && rule.from_port != 5701 && rule.ip_protocol == "tcp"])
    error_message = "No other rule opens the Hazelcast port, and none opens a range."
  }

  assert {
    condition     = aws_lb.inner.internal && toset(aws_lb.inner.security_groups) == toset([aws_security_group.link.id, aws_security_group.cluster.id])
    error_message = "The inner load balancer has private addresses and is in the cell's own group."
  }

  assert {
    condition     = length(aws_default_security_group.this[0].ingress) == 0 && length(aws_default_security_group.this[0].egress) == 0
    error_message = "The default group allows nothing."
  }

  # What AWS refuses and the double cannot know.
  assert {
    condition = alltrue([for text in concat(
      [for group in [aws_security_group.cluster, aws_security_group.router, aws_security_group.clients, aws_security_group.link] : group.description],
      [for rule in concat(values(aws_vpc_security_group_ingress_rule.router), values(aws_vpc_security_group_egress_rule.router), values(aws_vpc_security_group_egress_rule.link), [aws_vpc_security_group_ingress_rule.cluster, aws_vpc_security_group_egress_rule.cluster]) : rule.description],
    ) : can(regex("^[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,255}$", text))])
    error_message = "Descriptions have only characters that AWS takes."
  }

  assert {
    condition     = alltrue([for prefix in concat([aws_lb.clients.name_prefix, aws_lb.inner.name_prefix, aws_lb_target_group.clients.name_prefix], [for group in aws_lb_target_group.inner : group.name_prefix]) : length(prefix) <= 6])
    error_message = "Prefixes of load balancers' names have six characters at most."
  }

  # Streams survive what stops their router.
  assert {
    condition     = alltrue([for group in concat([aws_lb_target_group.clients], values(aws_lb_target_group.inner)) : tonumber(group.deregistration_delay) >= var.drain_seconds])
    error_message = "Load balancers wait for the longest stream."
  }

  assert {
    condition     = alltrue([for group in concat([aws_lb_target_group.clients], values(aws_lb_target_group.inner)) : group.connection_termination == false && one(group.target_health_state).enable_unhealthy_connection_termination == false])
    error_message = "Load balancers cut no stream of a router that leaves or says that it is not ready."
  }

  assert {
    condition     = aws_autoscaling_lifecycle_hook.drain.heartbeat_timeout >= var.drain_seconds + 30 && aws_autoscaling_lifecycle_hook.drain.lifecycle_transition == "autoscaling:EC2_INSTANCE_TERMINATING"
    error_message = "The group waits for the longest stream before a machine goes."
  }

  assert {
    condition     = strcontains(local.bootstrap, "systemctl stop kvlane-router.service") && strcontains(local.bootstrap, "--auto-scaling-group-name '${aws_autoscaling_group.router.name}'") && strcontains(local.bootstrap, "--lifecycle-hook-name '${aws_autoscaling_lifecycle_hook.drain.name}'")
    error_message = "The machine's drain names the group and the hook that wait for it."
  }

  assert {
    condition     = aws_autoscaling_group.router.instance_refresh[0].preferences[0].min_healthy_percentage == 100 && aws_autoscaling_group.router.min_size == 3 && aws_autoscaling_group.router.health_check_type == "ELB"
    error_message = "An update takes no router away before another one serves."
  }

  # The tag contract.
  assert {
    condition = alltrue([for key, value in { "kvlane:cell" = "prod-eu-west", "kvlane:region" = "eu-west", "kvlane:role" = "router", owner = "platform" } :
      contains([for tag in aws_autoscaling_group.router.tag : "${tag.key}=${tag.value}" if tag.propagate_at_launch], "${key}=${value}")
    ])
    error_message = "Routers have the tags that their cluster finds them by."
  }

  assert {
    condition     = yamldecode(module.config.yaml).cluster.discovery == "aws" && yamldecode(module.config.yaml).cluster.cell == one([for tag in aws_autoscaling_group.router.tag : tag.value if tag.key == "kvlane:cell"]) && yamldecode(module.config.yaml).cluster.awsRegion == "eu-west-1"
    error_message = "Routers look for each other by tags."
  }

  assert {
    condition     = yamldecode(module.config.yaml).link.regions == [{ name = "us-east", routers = ["us-east.link.prod.internal:7100"] }]
    error_message = "Other regions are where modules/interconnect names them."
  }

  # Rights.
  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.router.policy).Statement :
      !contains(statement.Resource, "*") || try(statement.Action[0] == "ec2:DescribeInstances" && length(statement.Action) == 1 && statement.Condition.StringEquals["aws:RequestedRegion"] == "eu-west-1", false)
    ])
    error_message = "No right is for everything but to list instances, which is for the region."
  }

  assert {
    condition = (
      one([for statement in jsondecode(aws_iam_role_policy.router.policy).Statement : statement.Resource if statement.Sid == "Secrets"]) == ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:kvlane/link-AbCdEf"]
      && one([for statement in jsondecode(aws_iam_role_policy.router.policy).Statement : statement.Resource if statement.Sid == "Parameters"]) == ["arn:aws:ssm:eu-west-1:123456789012:parameter/kvlane/acme"]
      && one([for statement in jsondecode(aws_iam_role_policy.router.policy).Statement : statement.Resource if statement.Sid == "Archive"]) == ["arn:aws:s3:::example-archives/kvlane-router.tar.gz"]
    )
    error_message = "Routers may read their own secrets and their archive."
  }

  # TLS and alarms.
  assert {
    condition     = aws_lb_listener.clients.protocol == "TLS" && aws_lb_listener.clients.port == 443 && strcontains(aws_lb_listener.clients.ssl_policy, "TLS13") && aws_lb.clients.enable_deletion_protection
    error_message = "Clients speak TLS with a load balancer that is not deleted by mistake."
  }

  assert {
    condition     = tonumber(trimsuffix(yamldecode(module.config.yaml).sse.keepAlive, "s")) < 350
    error_message = "A silent stream gets a comment before the load balancer closes it."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["no-ready-router"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["few-ready-routers"].threshold == 3 && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_actions == toset(var.alarm_topic_arns)])
    error_message = "A region without routers is noticed, even if nothing is told of it."
  }

  # The network.
  assert {
    condition     = { for zone, subnet in aws_subnet.private : zone => subnet.cidr_block } == { eu-west-1a = "10.2.0.0/19", eu-west-1b = "10.2.32.0/19", eu-west-1c = "10.2.64.0/19" } && aws_subnet.public["eu-west-1c"].cidr_block == "10.2.136.0/22"
    error_message = "Each zone has a private and a public part of the network."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && alltrue([for zone, route in aws_route.private : route.nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "A zone does not depend on another one's gateway."
  }
}

run "no_secret_anywhere" {
  command = plan

  variables {
    # Secrets are references; nothing else can be given. What is planted here is a hash, a reference and a name.
    router = {
      engine_api_key = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kvlane/engine-AbCdEf"
      link           = { certificate = "/run/kvlane/link.crt.pem", key = "/run/kvlane/link.key.pem", trust = "/run/kvlane/link.ca.pem" }
      policies       = { control = "us-east" }
      admin          = { keys = [{ id = "operators", hash = sha256("planted-admin-key"), role = "admin" }] }
    }
  }

  assert {
    condition     = !can(regex("planted|BEGIN [A-Z ]*PRIVATE KEY|password[:=] *[^'\" \n]", local.user_data)) && strcontains(local.user_data, "secret:kvlane/engine-AbCdEf") && strcontains(local.user_data, sha256("planted-admin-key"))
    error_message = "User data has references and hashes, no secrets."
  }
}

run "network_of_ones_own" {
  command = plan

  variables {
    network = {
      existing = {
        vpc_id                  = "vpc-0123456789abcdef0"
        cidr                    = "10.2.0.0/16"
        private_subnet_ids      = { eu-west-1a = "subnet-0a", eu-west-1b = "subnet-0b" }
        public_subnet_ids       = { eu-west-1a = "subnet-1a", eu-west-1b = "subnet-1b" }
        private_route_table_ids = { eu-west-1a = "rtb-0a" }
      }
    }
  }

  assert {
    condition     = length(aws_vpc.this) + length(aws_subnet.private) + length(aws_nat_gateway.this) + length(aws_flow_log.this) == 0
    error_message = "Nothing of the network is made."
  }

  assert {
    condition     = toset(aws_autoscaling_group.router.vpc_zone_identifier) == toset(["subnet-0a", "subnet-0b"]) && toset(aws_lb.clients.subnets) == toset(["subnet-1a", "subnet-1b"]) && output.interconnect.private_route_table_ids == tomap({ eu-west-1a = "rtb-0a" })
    error_message = "Routers are in the private subnets, the load balancer in the public ones."
  }
}

run "private_and_cheap" {
  command = plan

  variables {
    network       = { cidr = "10.2.0.0/20", zones = ["eu-west-1a", "eu-west-1b"], nat = "none", flow_logs = false }
    load_balancer = { certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/x", ingress_cidrs = ["10.0.0.0/8"], internal = true, access_log_bucket = "example-logs" }
    admin_cidrs   = []
  }

  assert {
    condition     = aws_lb.clients.internal && length(aws_internet_gateway.this) + length(aws_subnet.public) + length(aws_nat_gateway.this) + length(aws_flow_log.this) == 0
    error_message = "An internal region has no way to and from the internet."
  }

  assert {
    condition     = aws_lb.clients.access_logs[0].bucket == "example-logs" && length(aws_vpc_security_group_ingress_rule.admin) == 0
    error_message = "Access logs go to the bucket; the admin listener is closed."
  }

  assert {
    condition     = yamldecode(module.config.yaml).admin.host == "127.0.0.1"
    error_message = "An admin listener that nobody may reach listens on its own machine alone."
  }
}

run "one_gateway" {
  command = plan

  variables {
    network = { cidr = "10.2.0.0/16", zones = ["eu-west-1a", "eu-west-1b"], nat = "single" }
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["eu-west-1a"] && keys(aws_route.private) == ["eu-west-1a", "eu-west-1b"]
    error_message = "All zones take the one gateway."
  }
}
