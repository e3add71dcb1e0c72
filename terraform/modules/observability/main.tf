# What AWS knows of all regions, on one page, and what routers complain of. What is in the caches and why requests go where
# is on the boards of deploy/observability, which are fed by the routers' own metrics.

locals {
  namespace = "KVLane"
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  for_each = var.regions

  region         = each.value.aws_region
  name           = "${each.value.cell}-errors"
  log_group_name = each.value.log_group_name
  pattern        = "\" ERROR \""

  metric_transformation {
    namespace     = local.namespace
    name          = "${each.value.cell}-errors"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = var.regions

  region              = each.value.aws_region
  alarm_name          = "${each.value.cell}-errors"
  alarm_description   = "The routers' logs have more errors than they should."
  namespace           = local.namespace
  metric_name         = aws_cloudwatch_log_metric_filter.errors[each.key].metric_transformation[0].name
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.errors_per_minute
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = lookup(var.alarm_topic_arns, each.value.aws_region, [])
  ok_actions          = lookup(var.alarm_topic_arns, each.value.aws_region, [])
  tags                = var.tags
}

resource "aws_cloudwatch_dashboard" "this" {
  region         = var.aws_region
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 2
        properties = { title = "Regions without a ready router", alarms = [for region in values(var.regions) : region.no_ready_alarm_arn] }
      }],
      flatten([for i, name in sort(keys(var.regions)) : [for column, graph in [
        { title = "routers", metrics = [
          ["AWS/NetworkELB", "HealthyHostCount", "LoadBalancer", var.regions[name].load_balancer, "TargetGroup", var.regions[name].target_group, { stat = "Minimum", label = "ready" }],
          ["AWS/AutoScaling", "GroupDesiredCapacity", "AutoScalingGroupName", var.regions[name].group_name, { stat = "Maximum", label = "wanted" }],
        ] },
        { title = "connections", metrics = [
          ["AWS/NetworkELB", "ActiveFlowCount_TLS", "LoadBalancer", var.regions[name].load_balancer, { stat = "Average", label = "open" }],
          ["AWS/NetworkELB", "ClientTLSNegotiationErrorCount", "LoadBalancer", var.regions[name].load_balancer, { stat = "Sum", label = "TLS failed" }],
        ] },
        { title = "CPU and errors", metrics = [
          ["AWS/EC2", "CPUUtilization", "AutoScalingGroupName", var.regions[name].group_name, { stat = "Average", label = "CPU %" }],
          [local.namespace, "${var.regions[name].cell}-errors", { stat = "Sum", label = "errors", yAxis = "right" }],
        ] },
        ] : {
        type = "metric", x = column * 8, y = 2 + i * 6, width = 8, height = 6
        properties = {
          title = "${name}: ${graph.title}", region = var.regions[name].aws_region, view = "timeSeries", period = 60, metrics = graph.metrics
        }
      }]]),
    )
  })
}
