# A pool of one cell: machines that run an engine and, beside it, the agent that tells the cell what the engine has cached.

locals {
  tag = jsondecode(file("${path.module}/../../../router/src/main/resources/io/kvlane/router/cluster/tags.json"))

  cell = "${var.cell.name}-${var.cell.region}"
  full = "${local.cell}-${var.pool}"
  tags = merge(var.tags, {
    (local.tag.cell)   = local.cell
    (local.tag.region) = var.cell.region
  })
  engine_tags = merge(local.tags, {
    (local.tag.role) = "engine"
    Name             = local.full
  })

  hook_name = "drain"
  # As systemd reads a command: % and $ stand for themselves only when doubled.
  command = join(" ", [for word in var.engine.command : "\"${replace(replace(replace(replace(word, "\\", "\\\\"), "\"", "\\\""), "%", "%%"), "$", "$$")}\""])
  bootstrap = templatefile("${path.module}/templates/bootstrap.sh.tftpl", {
    aws_region    = var.cell.aws_region
    group         = local.full
    hook          = local.hook_name
    pool          = var.pool
    command       = local.command
    user          = var.engine.user
    port          = var.engine.port
    running       = var.engine.running
    environment   = var.engine.environment
    secrets       = var.engine.secrets
    drain_seconds = var.drain_seconds
  })
  # Two parts, so that neither has to know what is in the other.
  user_data = join("\n", [
    "Content-Type: multipart/mixed; boundary=\"kvlane\"",
    "MIME-Version: 1.0",
    "",
    "--kvlane",
    "Content-Type: text/cloud-config; charset=\"utf-8\"",
    "",
    module.agent.user_data,
    "--kvlane",
    "Content-Type: text/x-shellscript; charset=\"utf-8\"",
    "",
    local.bootstrap,
    "--kvlane--",
    "",
  ])
}

# Routers come and go, so the agent begins at the inner load balancer, and then knows them all.
module "agent" {
  source = "../agent-config"

  name    = var.cell.name
  region  = var.cell.region
  routers = { type = "static", members = [var.cell.cluster_endpoint] }
  listen  = "127.0.0.1:${var.agent.port}"
  heap    = var.agent.heap
  archive = var.agent.archive
  engine = {
    url          = "http://127.0.0.1:${var.engine.port}"
    events       = var.engine.events_port == 0 ? [] : ["tcp://127.0.0.1:${var.engine.events_port}"]
    replay       = var.engine.replay_port == 0 ? [] : ["tcp://127.0.0.1:${var.engine.replay_port}"]
    model        = var.agent.model
    block_size   = var.agent.block_size
    cache_tokens = var.agent.cache_tokens
  }
}

resource "aws_security_group" "engine" {
  region      = var.cell.aws_region
  vpc_id      = var.cell.vpc_id
  name_prefix = "${local.full}-"
  description = "Engines of pool ${var.pool}"
  tags        = merge(local.tags, { Name = local.full })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "engine" {
  region                       = var.cell.aws_region
  security_group_id            = aws_security_group.engine.id
  description                  = "Routers of the cell"
  ip_protocol                  = "tcp"
  from_port                    = var.engine.port
  to_port                      = var.engine.port
  referenced_security_group_id = var.cell.router_security_group_id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "router" {
  region                       = var.cell.aws_region
  security_group_id            = var.cell.router_security_group_id
  description                  = "Engines of pool ${var.pool}"
  ip_protocol                  = "tcp"
  from_port                    = var.engine.port
  to_port                      = var.engine.port
  referenced_security_group_id = aws_security_group.engine.id
  tags                         = local.tags
}

resource "aws_vpc_security_group_egress_rule" "engine" {
  for_each = merge(var.egress, { https = { port = 443, cidr = "0.0.0.0/0" } })

  region            = var.cell.aws_region
  security_group_id = aws_security_group.engine.id
  description       = each.key == "https" ? "AWS (secrets, model weights)" : each.key
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
  tags              = local.tags
}

resource "aws_launch_template" "engine" {
  region                 = var.cell.aws_region
  name_prefix            = "${local.full}-"
  image_id               = var.instances.ami_id
  instance_type          = var.instances.type
  update_default_version = true
  user_data              = base64encode(local.user_data)
  tags                   = local.engine_tags

  iam_instance_profile {
    arn = aws_iam_instance_profile.engine.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  # The agent is a client of the cell's cluster: that is what the second group is for.
  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = [aws_security_group.engine.id, var.cell.cluster_security_group_id]
  }

  block_device_mappings {
    device_name = var.instances.root_device
    ebs {
      encrypted             = true
      kms_key_id            = var.instances.kms_key_arn
      volume_size           = var.instances.volume_gib
      volume_type           = "gp3"
      delete_on_termination = true
    }
  }

  dynamic "capacity_reservation_specification" {
    for_each = var.instances.capacity_reservation_group_arn == null ? [] : [var.instances.capacity_reservation_group_arn]
    content {
      capacity_reservation_target {
        capacity_reservation_resource_group_arn = capacity_reservation_specification.value
      }
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])
    content {
      resource_type = tag_specifications.value
      tags          = local.engine_tags
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.user_data) <= 16384
      error_message = "The user data is over EC2's 16 KiB: shorten engine.command or engine.environment, or put them into the image."
    }
  }
}

resource "aws_autoscaling_group" "engine" {
  region                    = var.cell.aws_region
  name                      = local.full
  min_size                  = var.instances.min
  max_size                  = var.instances.max
  desired_capacity          = var.instances.desired
  vpc_zone_identifier       = values(var.cell.private_subnet_ids)
  health_check_type         = "EC2"
  health_check_grace_period = var.warmup_seconds
  default_instance_warmup   = var.warmup_seconds
  termination_policies      = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances"]
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = aws_launch_template.engine.id
    version = aws_launch_template.engine.latest_version
  }

  # One by one: each replacement starts with an empty cache. Spare accelerators are not assumed, so an old machine goes first.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 90
      instance_warmup        = var.warmup_seconds
      auto_rollback          = true
      skip_matching          = true
    }
  }

  dynamic "tag" {
    for_each = local.engine_tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  depends_on = [
    aws_iam_role_policy.engine,
    aws_vpc_security_group_ingress_rule.engine,
    aws_vpc_security_group_egress_rule.engine,
    aws_vpc_security_group_egress_rule.router,
  ]
}

resource "aws_autoscaling_lifecycle_hook" "drain" {
  region                 = var.cell.aws_region
  name                   = local.hook_name
  autoscaling_group_name = aws_autoscaling_group.engine.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = var.drain_seconds + 120
  default_result         = "CONTINUE"
}
