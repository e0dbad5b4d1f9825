# The worker moves data keys to the newest version of their transit key, without seeing them.
path "transit/rewrap/claviger-call" { capabilities = ["update"] }
path "transit/rewrap/claviger-webhook" { capabilities = ["update"] }
path "transit/rewrap/claviger-login" { capabilities = ["update"] }
path "transit/keys/claviger-call" { capabilities = ["read"] }
path "transit/keys/claviger-webhook" { capabilities = ["read"] }
path "transit/keys/claviger-login" { capabilities = ["read"] }
# It signs webhooks, so it opens the keys of that purpose.
path "transit/decrypt/claviger-webhook" { capabilities = ["update"] }
