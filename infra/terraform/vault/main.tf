# The platform's master keys in the transit engine of HashiCorp Vault or OpenBao, and a policy for each process. The
# policies are the files under policies/, written for the mount `transit` and keys named `claviger-…`; policies.spec.ts
# tries them one by one.

terraform {
  required_version = ">= 1.6"
  required_providers {
    vault = {
      source  = "hashicorp/vault"
      version = ">= 4.0"
    }
  }
}

resource "vault_mount" "transit" {
  path = "transit"
  type = "transit"
}

# One key for each purpose, derived: that is how transit binds a data key to its secret.
resource "vault_transit_secret_backend_key" "purpose" {
  for_each = toset(["call", "webhook", "login"])

  backend = vault_mount.transit.path
  name    = "claviger-${each.key}"
  derived = true
}

resource "vault_policy" "process" {
  for_each = toset(["api-seals", "engine-opens", "worker-rewraps"])

  name   = "claviger-${each.key}"
  policy = file("${path.module}/policies/${each.key}.hcl")
}
