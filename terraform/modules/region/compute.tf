locals {
  group_name = "${local.cell}-router"
  hook_name  = "drain"

  bootstrap = templatefile("${path.module}/templates/bootstrap.sh.tftpl", {
    aws_region = var.aws_region
    group      = local.group_name
    hook       = local.hook_name
    log_group  = aws_cloudwatch_log_group.router.name
  })
  # Two parts, so that neither has to know what is in the other.
  user_data = join("\n", [
    "Content-Type: multipart/mixed; boundary=\"kvlane\"",
    "MIME-Version: 1.0",
    "",
    "--kvlane",
    "Content-Type: text/cloud-config; charset=\"utf-8\"",
    "",
    module.config.user_data,
    "--kvlane",
    "Content-Type: text/x-shellscript; charset=\"utf-8\"",
    "",
    local.bootstrap,
    "--kvlane--",
    "",
  ])
}

resource "aws_launch_template" "router" {
  region                 = var.aws_region
  name_prefix            = "${local.cell}-router-"
  image_id               = var.instances.ami_id
  instance_type          = var.instances.type
  update_default_version = true
  user_data              = base64encode(local.user_data)
  tags                   = local.router_tags

  iam_instance_profile {
    arn = aws_iam_instance_profile.router.arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = [aws_security_group.router.id, aws_security_group.cluster.id]
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

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])
    content {
      resource_type = tag_specifications.value
      tags          = local.router_tags
    }
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.user_data) <= 16384
      error_message = "The user data is over EC2's 16 KiB: shorten router.extra, tenants or admin.keys, or put them into the image."
    }
  }
}

resource "aws_autoscaling_group" "router" {
  region                    = var.aws_region
  name                      = local.group_name
  min_size                  = var.instances.min
  max_size                  = var.instances.max
  vpc_zone_identifier       = values(local.private_subnet_ids)
  target_group_arns         = concat([aws_lb_target_group.clients.arn], [for group in aws_lb_target_group.inner : group.arn])
  health_check_type         = "ELB"
  health_check_grace_period = 120
  default_instance_warmup   = 60
  termination_policies      = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupTerminatingInstances"]
  wait_for_capacity_timeout = "15m"

  launch_template {
    id      = aws_launch_template.router.id
    version = aws_launch_template.router.latest_version
  }

  # A new router serves before an old one stops.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = 60
      auto_rollback          = true
      skip_matching          = true
    }
  }

  dynamic "tag" {
    for_each = local.router_tags
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    precondition {
      condition     = local.owns_network || alltrue([for zone in keys(local.private_subnet_ids) : startswith(zone, var.aws_region)])
      error_message = "network.existing.private_subnet_ids: keys are availability zones of aws_region."
    }
  }

  # A router needs its rights, rules and listeners as it starts.
  depends_on = [
    aws_iam_role_policy.router,
    aws_lb_listener.clients,
    aws_lb_listener.inner,
    aws_vpc_security_group_egress_rule.router,
    aws_vpc_security_group_ingress_rule.cluster,
    aws_vpc_security_group_egress_rule.cluster,
  ]
}

# A machine waits in Terminating:Wait until its router has drained (templates/bootstrap.sh.tftpl says so), or for this long.
resource "aws_autoscaling_lifecycle_hook" "drain" {
  region                 = var.aws_region
  name                   = local.hook_name
  autoscaling_group_name = aws_autoscaling_group.router.name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  heartbeat_timeout      = module.config.stop_timeout_seconds + 60
  default_result         = "CONTINUE"
}

resource "aws_autoscaling_policy" "cpu" {
  region                 = var.aws_region
  name                   = "cpu"
  autoscaling_group_name = aws_autoscaling_group.router.name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 50
    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
