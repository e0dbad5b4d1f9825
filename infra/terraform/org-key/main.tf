# For an organization that wraps its secrets under a KMS key of its own: the key, and the role by which a Claviger
# installation in another account may use it. Run it in the organization's account; Settings → Organization shows the
# values. The policies are the files under policies/, which policies.spec.ts tries one by one.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  account_id = data.aws_caller_identity.here.account_id
  partition  = data.aws_partition.here.partition
  role_arn   = "arn:${local.partition}:iam::${local.account_id}:role/${var.name}"
}

resource "aws_kms_key" "own" {
  description             = "Wraps the data keys of this organization's secrets in Claviger"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = templatefile("${path.module}/policies/key.json", {
    account_id = local.account_id
    partition  = local.partition
    role_arn   = local.role_arn
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "own" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.own.key_id
}

resource "aws_iam_role" "claviger" {
  name                 = var.name
  description          = "Lets a Claviger installation use the KMS key of ${var.org_id}"
  max_session_duration = 3600

  assume_role_policy = templatefile("${path.module}/policies/trust.json", {
    external_id        = var.external_id
    org_id             = var.org_id
    api_principal      = var.claviger_principals.api
    engine_principal   = var.claviger_principals.engine
    worker_principal   = var.claviger_principals.worker
    webhooks_principal = coalesce(var.claviger_principals.webhooks, var.claviger_principals.worker)
  })
}

resource "aws_iam_role_policy" "key" {
  name = "use-key"
  role = aws_iam_role.claviger.id

  policy = templatefile("${path.module}/policies/role.json", {
    key_arns   = join("\", \"", concat([aws_kms_key.own.arn], var.former_key_arns))
    deployment = var.deployment
    org_id     = var.org_id
  })
}
