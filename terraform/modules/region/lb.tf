# Two network load balancers: one for clients, with TLS, and an inner one for what has to find some router without knowing
# any: other regions' routers (whose TLS is mutual, so it goes through to the router) and agents that start.

locals {
  # Connections that are there stay until the router has drained; 3600 s is the most that a load balancer waits.
  deregistration_delay = min(3600, module.config.stop_timeout_seconds)

  inner = {
    link    = { port = var.ports.link }
    cluster = { port = var.ports.cluster }
  }
}

resource "aws_lb" "clients" {
  #checkov:skip=CKV_AWS_150:It has, unless the user says otherwise (load_balancer.deletion_protection); the default is not seen through the object.
  region                           = var.aws_region
  name_prefix                      = "kvl-c-"
  load_balancer_type               = "network"
  internal                         = var.load_balancer.internal
  subnets                          = values(var.load_balancer.internal ? local.private_subnet_ids : local.public_subnet_ids)
  security_groups                  = [aws_security_group.clients.id]
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.load_balancer.deletion_protection
  tags                             = merge(local.tags, { Name = "${local.cell}-clients" })

  dynamic "access_logs" {
    for_each = var.load_balancer.access_log_bucket == null ? [] : [var.load_balancer.access_log_bucket]
    content {
      bucket  = access_logs.value
      prefix  = local.cell
      enabled = true
    }
  }
}

resource "aws_lb_target_group" "clients" {
  region                 = var.aws_region
  name_prefix            = "kvl-c-"
  vpc_id                 = local.vpc_id
  target_type            = "instance"
  protocol               = "TCP"
  port                   = var.ports.clients
  deregistration_delay   = local.deregistration_delay
  connection_termination = false
  tags                   = merge(local.tags, { Name = "${local.cell}-clients" })

  health_check {
    protocol            = "HTTP"
    port                = "traffic-port"
    path                = "/ready"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  # A router that drains says that it is not ready. Without this the load balancer would cut its streams for that.
  target_health_state {
    enable_unhealthy_connection_termination = false
  }

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = local.deregistration_delay >= var.drain_seconds
      error_message = "The load balancer must wait for the longest stream (drain_seconds)."
    }
  }
}

resource "aws_lb_listener" "clients" {
  #checkov:skip=CKV_AWS_103:A validation lets only policies with TLS 1.3 in (load_balancer.ssl_policy).
  region            = var.aws_region
  load_balancer_arn = aws_lb.clients.arn
  protocol          = "TLS"
  port              = 443
  ssl_policy        = var.load_balancer.ssl_policy
  certificate_arn   = var.load_balancer.certificate_arn
  tags              = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.clients.arn
  }
}

resource "aws_lb" "inner" {
  #checkov:skip=CKV_AWS_150:As above.
  region                           = var.aws_region
  name_prefix                      = "kvl-i-"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = values(local.private_subnet_ids)
  security_groups                  = [aws_security_group.link.id, aws_security_group.cluster.id]
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.load_balancer.deletion_protection
  tags                             = merge(local.tags, { Name = "${local.cell}-inner" })

  dynamic "access_logs" {
    for_each = var.load_balancer.access_log_bucket == null ? [] : [var.load_balancer.access_log_bucket]
    content {
      bucket  = access_logs.value
      prefix  = "${local.cell}-inner"
      enabled = true
    }
  }
}

resource "aws_lb_target_group" "inner" {
  for_each = local.inner

  region                 = var.aws_region
  name_prefix            = each.key == "link" ? "kvl-l-" : "kvl-h-"
  vpc_id                 = local.vpc_id
  target_type            = "instance"
  protocol               = "TCP"
  port                   = each.value.port
  deregistration_delay   = local.deregistration_delay
  connection_termination = false
  # Other regions' addresses do not survive the way back through a peering otherwise.
  preserve_client_ip = false
  tags               = merge(local.tags, { Name = "${local.cell}-${each.key}" })

  health_check {
    protocol            = "HTTP"
    port                = var.ports.clients
    path                = "/ready"
    matcher             = "200"
    interval            = 5
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }

  target_health_state {
    enable_unhealthy_connection_termination = false
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "inner" {
  for_each = local.inner

  region            = var.aws_region
  load_balancer_arn = aws_lb.inner.arn
  protocol          = "TCP"
  port              = each.value.port
  # An agent's or a link's connection may be silent for long; both look after it themselves.
  tcp_idle_timeout_seconds = 6000
  tags                     = local.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.inner[each.key].arn
  }
}
