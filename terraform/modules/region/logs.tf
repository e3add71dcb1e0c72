resource "aws_cloudwatch_log_group" "router" {
  region            = var.aws_region
  name              = "/kvlane/${local.cell}/router"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.owns_network && var.network.flow_logs ? 1 : 0

  region            = var.aws_region
  name              = "/kvlane/${local.cell}/flow"
  retention_in_days = var.logs.retention_days
  kms_key_id        = var.logs.kms_key_arn
  tags              = local.tags
}
