# The engine unwraps data keys of provider keys, and nothing else.
path "transit/decrypt/claviger-call" { capabilities = ["update"] }
