resource "aws_globalaccelerator_accelerator" "this" {
  count = var.accelerator ? 1 : 0

  name            = var.name
  ip_address_type = "IPV4"
  enabled         = true
  tags            = merge(var.tags, { Name = var.name })

  attributes {
    flow_logs_enabled   = var.flow_log_bucket != null
    flow_logs_s3_bucket = var.flow_log_bucket
    flow_logs_s3_prefix = var.flow_log_bucket == null ? null : "accelerator/${var.name}"
  }
}

resource "aws_globalaccelerator_listener" "this" {
  count = var.accelerator ? 1 : 0

  accelerator_arn = aws_globalaccelerator_accelerator.this[0].arn
  protocol        = "TCP"
  # Which router serves a connection does not matter: each knows what all replicas have cached.
  client_affinity = "NONE"

  port_range {
    from_port = 443
    to_port   = 443
  }
}

resource "aws_globalaccelerator_endpoint_group" "region" {
  for_each = var.accelerator ? var.regions : {}

  listener_arn            = aws_globalaccelerator_listener.this[0].arn
  endpoint_group_region   = each.value.aws_region
  traffic_dial_percentage = each.value.dial

  # The health of a network load balancer is that of its own targets.
  endpoint_configuration {
    endpoint_id                    = each.value.load_balancer_arn
    weight                         = 128
    client_ip_preservation_enabled = true
  }
}

resource "aws_route53_record" "accelerator" {
  count = var.accelerator ? 1 : 0

  zone_id = var.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_globalaccelerator_accelerator.this[0].dns_name
    zone_id                = aws_globalaccelerator_accelerator.this[0].hosted_zone_id
    evaluate_target_health = false
  }
}
