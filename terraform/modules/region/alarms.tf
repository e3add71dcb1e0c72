# What AWS itself can see. Hit ratios, latencies and policies are told by the routers' own metrics (deploy/observability).

locals {
  target = {
    LoadBalancer = aws_lb.clients.arn_suffix
    TargetGroup  = aws_lb_target_group.clients.arn_suffix
  }

  alarms = {
    no-ready-router = {
      why       = "No router of the region takes requests; its clients have to go elsewhere."
      namespace = "AWS/NetworkELB", metric = "HealthyHostCount", statistic = "Minimum", dimensions = local.target
      operator  = "LessThanThreshold", threshold = 1, minutes = 1, missing = "breaching"
    }
    few-ready-routers = {
      why       = "Fewer routers take requests than there should be at least."
      namespace = "AWS/NetworkELB", metric = "HealthyHostCount", statistic = "Minimum", dimensions = local.target
      operator  = "LessThanThreshold", threshold = var.instances.min, minutes = 10, missing = "breaching"
    }
    routers-at-most = {
      why       = "There are as many routers as there may be (instances.max)."
      namespace = "AWS/AutoScaling", metric = "GroupDesiredCapacity", statistic = "Maximum", dimensions = { AutoScalingGroupName = local.group_name }
      operator  = "GreaterThanOrEqualToThreshold", threshold = var.instances.max, minutes = 10, missing = "notBreaching"
    }
    cpu = {
      why       = "Routers are short of CPU although the group scales by it."
      namespace = "AWS/EC2", metric = "CPUUtilization", statistic = "Average", dimensions = { AutoScalingGroupName = local.group_name }
      operator  = "GreaterThanThreshold", threshold = 80, minutes = 10, missing = "notBreaching"
    }
    tls = {
      why       = "Clients do not get through the TLS handshake: an expired certificate, or a policy too strict for them."
      namespace = "AWS/NetworkELB", metric = "ClientTLSNegotiationErrorCount", statistic = "Sum", dimensions = { LoadBalancer = local.target.LoadBalancer }
      operator  = "GreaterThanThreshold", threshold = 100, minutes = 5, missing = "notBreaching"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  region              = var.aws_region
  alarm_name          = "${local.cell}-${each.key}"
  alarm_description   = each.value.why
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns
  tags                = local.tags
}
