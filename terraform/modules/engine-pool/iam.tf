locals {
  secrets    = [for arn in values(var.engine.secrets) : arn if strcontains(arn, ":secretsmanager:")]
  parameters = [for arn in values(var.engine.secrets) : arn if strcontains(arn, ":ssm:")]

  statements = concat(
    [{
      Sid      = "Drained"
      Effect   = "Allow"
      Action   = ["autoscaling:CompleteLifecycleAction"]
      Resource = ["arn:${var.cell.partition}:autoscaling:${var.cell.aws_region}:${var.cell.account_id}:autoScalingGroup:*:autoScalingGroupName/${local.full}"]
    }],
    length(local.secrets) == 0 ? [] : [
      { Sid = "Secrets", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = local.secrets },
    ],
    length(local.parameters) == 0 ? [] : [
      { Sid = "Parameters", Effect = "Allow", Action = ["ssm:GetParameter"], Resource = local.parameters },
    ],
  )
}

resource "aws_iam_role" "engine" {
  name_prefix = "${substr(local.full, 0, 30)}-"
  description = "Engines of ${local.full}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "engine" {
  name_prefix = "engine-"
  role        = aws_iam_role.engine.id
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_iam_role_policy_attachment" "engine" {
  for_each = toset(var.policy_arns)

  role       = aws_iam_role.engine.name
  policy_arn = each.value
}

resource "aws_iam_instance_profile" "engine" {
  name_prefix = "${substr(local.full, 0, 30)}-"
  role        = aws_iam_role.engine.name
  tags        = local.tags

  lifecycle {
    create_before_destroy = true
  }
}
