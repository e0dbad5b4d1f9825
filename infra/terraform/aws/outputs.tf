output "key_arn" {
  description = "CLAVIGER_KMS_KEY_ID of all processes."
  value       = aws_kms_key.master.arn
}

output "role_arns" {
  description = "The role of each process."
  value       = { for process, role in aws_iam_role.process : process => role.arn }
}

output "org_kms_principals" {
  description = "CLAVIGER_ORG_KMS_PRINCIPALS of the api: what organizations name in their trust policies."
  value       = join(" ", [for process, role in aws_iam_role.process : "${process}=${role.arn}" if contains(["api", "engine", "worker"], process)])
}
