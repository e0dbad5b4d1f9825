-- The look-up role reads columns, not tables: what its functions have no use for, a mistake in one of them cannot show.

REVOKE SELECT ON orgs, members, workspaces, tokens, invites, secrets, secret_versions, provider_gates, usage_records,
  users, audit_events FROM claviger_lookup;

GRANT SELECT (org_id, slug, name, plan) ON orgs TO claviger_lookup;
GRANT SELECT (org_id, id, user_id, role, status, created_at) ON members TO claviger_lookup;
GRANT SELECT (org_id, id, slug, name, default_provider) ON workspaces TO claviger_lookup;
GRANT SELECT (org_id, id, name, kind, workspace_id, owner_member_id, permissions, token_hash, expires_at, revoked_at,
  last_used_at) ON tokens TO claviger_lookup;
GRANT SELECT (org_id, id, token_hash, role, enabled, expires_at) ON invites TO claviger_lookup;
GRANT SELECT (org_id, id, purpose) ON secrets TO claviger_lookup;
GRANT SELECT (org_id, secret_id, version, format, kms_ref, origins, wrapped_dek, envelope, state, retired_at)
  ON secret_versions TO claviger_lookup;
GRANT SELECT (org_id, provider, enabled) ON provider_gates TO claviger_lookup;
GRANT SELECT (org_id, workspace_id, provider_key_id, model, input_tokens, output_tokens, cost_micro_usd, created_at)
  ON usage_records TO claviger_lookup;
GRANT SELECT (id, email, name, password_hash) ON users TO claviger_lookup;
