# The platform's master key in AWS KMS, and a role for each process that may do one thing with it. The policies are the
# files under policies/, which policies.spec.ts tries one by one.

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
  policies = {
    api    = "api-seals"
    engine = "engine-opens"
    worker = "worker-rewraps"
    # The worker as it usually runs: it signs webhooks. Who moves data keys opens none, so these are roles of their own (ADR 0012).
    webhooks        = "webhooks-open"
    rewrap_webhooks = "webhooks-rewrap"
  }
  # Processes that may use keys of organizations' own.
  with_org_keys = { for process, policy in local.policies : process => policy if process != "rewrap_webhooks" }
  # While the master key is replaced, the processes may use both: see the runbook "rotate-master-key".
  key_arns = concat([aws_kms_key.master.arn], var.former_key_arns)
}

resource "aws_kms_key" "master" {
  description             = "Claviger ${var.deployment}: wraps the data keys of stored secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "master" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.master.key_id
}

resource "aws_iam_role" "process" {
  for_each = local.policies

  name               = "${var.name}-${each.key}"
  description        = "Claviger ${var.deployment}, process ${each.key}"
  assume_role_policy = var.assume_role_policies[each.key]
}

resource "aws_iam_role_policy" "master_key" {
  for_each = local.policies

  name = each.value
  role = aws_iam_role.process[each.key].id
  policy = templatefile("${path.module}/policies/${each.value}.json", {
    key_arns   = join("\", \"", local.key_arns)
    deployment = var.deployment
  })
}

# For organizations that wrap their secrets under KMS keys of their own (CLAVIGER_ORG_KMS=aws).
resource "aws_iam_role_policy" "org_keys" {
  for_each = var.org_keys ? local.with_org_keys : {}

  name = "assume-org-roles"
  role = aws_iam_role.process[each.key].id
  policy = templatefile("${path.module}/policies/assume-org-roles.json", {
    process    = each.key
    account_id = data.aws_caller_identity.here.account_id
    partition  = data.aws_partition.here.partition
  })
}
