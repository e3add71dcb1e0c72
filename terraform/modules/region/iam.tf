locals {
  # Neither has to be asked for: the certificate is in the same partition and account.
  partition  = split(":", var.load_balancer.certificate_arn)[1]
  account_id = split(":", var.load_balancer.certificate_arn)[4]

  assumed_by = { for service in ["ec2", "vpc-flow-logs"] : service => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "${service}.amazonaws.com" }
    }]
  }) }

  secrets    = [for arn in module.config.secret_arns : arn if strcontains(arn, ":secretsmanager:")]
  parameters = [for arn in module.config.secret_arns : arn if strcontains(arn, ":ssm:")]
  in_s3      = startswith(try(var.router.archive.url, ""), "s3://")

  router_statements = concat(
    [
      {
        # Hazelcast finds its members by their tags. This action knows no resources; the region is what can be said.
        Sid       = "Discovery"
        Effect    = "Allow"
        Action    = ["ec2:DescribeInstances"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestedRegion" = var.aws_region } }
      },
      {
        Sid       = "Drained"
        Effect    = "Allow"
        Action    = ["autoscaling:CompleteLifecycleAction"]
        Resource  = ["arn:${local.partition}:autoscaling:${var.aws_region}:${local.account_id}:autoScalingGroup:*:autoScalingGroupName/${local.group_name}"]
        Condition = {}
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Action    = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource  = ["${aws_cloudwatch_log_group.router.arn}:*"]
        Condition = {}
      },
    ],
    length(local.secrets) == 0 ? [] : [
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = local.secrets, Condition = {} },
    ],
    length(local.parameters) == 0 ? [] : [
      { Sid = "Parameters", Effect = "Allow", Action = ["ssm:GetParameter"], Resource = local.parameters, Condition = {} },
    ],
    length(var.secret_key_arns) == 0 ? [] : [
      { Sid = "SecretKeys", Effect = "Allow", Action = ["kms:Decrypt"], Resource = var.secret_key_arns, Condition = {} },
    ],
    !local.in_s3 ? [] : [
      { Sid = "Archive", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:${local.partition}:s3:::${trimprefix(var.router.archive.url, "s3://")}"], Condition = {} },
    ],
  )
}

resource "aws_iam_role" "router" {
  name_prefix          = "${substr(local.cell, 0, 24)}-router-"
  description          = "Routers of ${local.cell}"
  assume_role_policy   = local.assumed_by["ec2"]
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "router" {
  name_prefix = "router-"
  role        = aws_iam_role.router.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.router_statements : { for key, value in statement : key => value if key != "Condition" || length(value) > 0 }]
  })
}

resource "aws_iam_instance_profile" "router" {
  name_prefix = "${substr(local.cell, 0, 24)}-router-"
  role        = aws_iam_role.router.name
  tags        = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "flow" {
  count = local.owns_network && var.network.flow_logs ? 1 : 0

  name_prefix          = "${substr(local.cell, 0, 24)}-flow-"
  description          = "Flow logs of ${local.cell}"
  assume_role_policy   = local.assumed_by["vpc-flow-logs"]
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags
}

resource "aws_iam_role_policy" "flow" {
  count = local.owns_network && var.network.flow_logs ? 1 : 0

  name_prefix = "flow-"
  role        = aws_iam_role.flow[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.flow[0].arn}:*"]
    }]
  })
}
