output "group_name" {
  description = "The auto-scaling group of the engines."
  value       = aws_autoscaling_group.engine.name
}

output "security_group_id" {
  description = "The engines' security group."
  value       = aws_security_group.engine.id
}

output "role_name" {
  description = "The engines' IAM role, for policies of one's own."
  value       = aws_iam_role.engine.name
}
