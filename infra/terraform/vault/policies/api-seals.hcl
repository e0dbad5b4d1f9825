# The api wraps new data keys of every purpose and can't unwrap one.
path "transit/datakey/plaintext/claviger-call" { capabilities = ["update"] }
path "transit/datakey/plaintext/claviger-webhook" { capabilities = ["update"] }
path "transit/datakey/plaintext/claviger-login" { capabilities = ["update"] }
# Settings of the keys, no key material: it checks that they are derived before it seals.
path "transit/keys/claviger-call" { capabilities = ["read"] }
path "transit/keys/claviger-webhook" { capabilities = ["read"] }
path "transit/keys/claviger-login" { capabilities = ["read"] }
