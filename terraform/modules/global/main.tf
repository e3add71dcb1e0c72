# One name for all regions. Which region a client comes to is a matter of distance and health only: from there on routers
# know better, and forward.

resource "aws_route53_record" "region" {
  #checkov:skip=CKV2_AWS_23:What it names is a load balancer of another module.
  for_each = var.regions

  zone_id = var.zone_id
  name    = "${each.key}.${var.domain}"
  type    = "A"

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_health_check" "region" {
  for_each = var.accelerator ? {} : var.regions

  type              = "HTTPS"
  fqdn              = aws_route53_record.region[each.key].name
  port              = 443
  resource_path     = "/ready"
  enable_sni        = true
  request_interval  = var.health_check.interval_seconds
  failure_threshold = var.health_check.failures
  measure_latency   = true
  tags              = merge(var.tags, { Name = "${var.name} ${each.key}" })
}

resource "aws_route53_record" "latency" {
  #checkov:skip=CKV2_AWS_23:What it names is a load balancer of another module.
  for_each = var.accelerator ? {} : { for name, region in var.regions : name => region if region.dial > 0 }

  zone_id         = var.zone_id
  name            = var.domain
  type            = "A"
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.region[each.key].id

  latency_routing_policy {
    region = each.value.aws_region
  }

  alias {
    name                   = each.value.dns_name
    zone_id                = each.value.zone_id
    evaluate_target_health = true
  }
}
