output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "error_alarm_arns" {
  description = "Region to the alarm that its routers log errors."
  value       = { for name, alarm in aws_cloudwatch_metric_alarm.errors : name => alarm.arn }
}
