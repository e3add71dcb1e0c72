output "cell" {
  description = "NAME-REGION: the cluster's name and the value of the tag kvlane:cell."
  value       = local.cell
}

output "endpoint" {
  description = "Address of the clients' load balancer; they speak TLS with it at port 443, by a name that the certificate has."
  value       = aws_lb.clients.dns_name
}

output "role_name" {
  description = "The routers' IAM role, for policies of one's own."
  value       = aws_iam_role.router.name
}

output "vpc_id" {
  description = "The VPC that the cell is in."
  value       = local.vpc_id
}

output "log_group_name" {
  description = "Log group of the routers."
  value       = aws_cloudwatch_log_group.router.name
}

output "alarm_arns" {
  description = "Alarm to its ARN."
  value       = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.arn }
}

output "pool" {
  description = "What modules/engine-pool takes as its cell."
  value = {
    name                      = var.name
    region                    = var.region
    aws_region                = var.aws_region
    partition                 = local.partition
    account_id                = local.account_id
    vpc_id                    = local.vpc_id
    private_subnet_ids        = local.private_subnet_ids
    cluster_security_group_id = aws_security_group.cluster.id
    router_security_group_id  = aws_security_group.router.id
    cluster_endpoint          = "${aws_lb.inner.dns_name}:${var.ports.cluster}"
  }
}

output "interconnect" {
  description = "What modules/interconnect takes as one of its regions."
  value = {
    aws_region               = var.aws_region
    vpc_id                   = local.vpc_id
    cidr                     = local.vpc_cidr
    private_subnet_ids       = local.private_subnet_ids
    private_route_table_ids  = local.private_route_table_ids
    router_security_group_id = aws_security_group.router.id
    link_security_group_id   = aws_security_group.link.id
    link_dns_name            = aws_lb.inner.dns_name
    link_zone_id             = aws_lb.inner.zone_id
    link_port                = var.ports.link
  }
}

output "global" {
  description = "What modules/global takes as one of its regions."
  value = {
    aws_region        = var.aws_region
    load_balancer_arn = aws_lb.clients.arn
    dns_name          = aws_lb.clients.dns_name
    zone_id           = aws_lb.clients.zone_id
  }
}

output "observability" {
  description = "What modules/observability takes as one of its regions."
  value = {
    aws_region         = var.aws_region
    cell               = local.cell
    log_group_name     = aws_cloudwatch_log_group.router.name
    group_name         = local.group_name
    load_balancer      = aws_lb.clients.arn_suffix
    target_group       = aws_lb_target_group.clients.arn_suffix
    no_ready_alarm_arn = aws_cloudwatch_metric_alarm.this["no-ready-router"].arn
  }
}
