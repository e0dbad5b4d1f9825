output "key_id" {
  description = "The KMS key to name in Claviger."
  value       = aws_kms_key.own.arn
}

output "role_arn" {
  description = "The role to name in Claviger."
  value       = aws_iam_role.claviger.arn
}
