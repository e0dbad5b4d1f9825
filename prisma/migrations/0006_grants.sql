-- Who may do what. Nothing is granted to PUBLIC, no process role owns anything, and what is not named is refused.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO claviger_api, claviger_engine, claviger_worker, claviger_lookup;
REVOKE EXECUTE ON FUNCTION audit_is_append_only() FROM PUBLIC;

-- ── claviger_lookup: the columns its functions need ─────────────────────────
GRANT SELECT ON plans, platform_settings, orgs, members, workspaces, workspace_grants, tokens, invites, secrets,
  secret_versions, provider_keys, assignments, provider_gates, usage_records, audit_heads TO claviger_lookup;
GRANT SELECT, INSERT, UPDATE ON usage_daily, platform_settings TO claviger_lookup;
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions, auth_throttle TO claviger_lookup;
GRANT SELECT, INSERT ON users TO claviger_lookup;
GRANT UPDATE (password_hash, updated_at) ON users TO claviger_lookup;
GRANT UPDATE (last_used_at) ON tokens TO claviger_lookup;
GRANT SELECT, DELETE ON outbox_events TO claviger_lookup;
GRANT UPDATE (published_at) ON outbox_events TO claviger_lookup;
GRANT SELECT (created_at), DELETE ON idempotency_keys TO claviger_lookup;
GRANT INSERT, UPDATE (seq, hash) ON audit_heads TO claviger_lookup;
GRANT SELECT, INSERT ON audit_events TO claviger_lookup;

-- ── claviger_api: the control plane. It writes sealed material and cannot read it back ──
GRANT SELECT ON plans, platform_providers, platform_models, platform_settings TO claviger_api;
GRANT SELECT (id, email, name) ON users TO claviger_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON orgs, members, invites, workspaces, workspace_grants, tokens, secrets,
  provider_keys, assignments, provider_gates, plan_counters, idempotency_keys TO claviger_api;
GRANT INSERT, DELETE ON secret_versions TO claviger_api;
GRANT SELECT (org_id, secret_id, version, format, kms_ref, origins, state, created_by, created_at, retired_at)
  ON secret_versions TO claviger_api;
GRANT UPDATE (state, retired_at, wrapped_dek, envelope) ON secret_versions TO claviger_api;
GRANT SELECT ON agent_runs, usage_records, usage_daily, audit_events, audit_heads TO claviger_api;
GRANT INSERT ON outbox_events TO claviger_api;

-- ── claviger_engine: runs, receipts, and the advisory state of keys ──
GRANT SELECT ON plans, platform_providers, platform_models, platform_settings TO claviger_engine;
GRANT SELECT, INSERT, UPDATE ON agent_runs, plan_counters TO claviger_engine;
GRANT SELECT, INSERT ON usage_records TO claviger_engine;
GRANT SELECT (org_id, id, refused_in_a_row, last_used_at) ON provider_keys TO claviger_engine;
GRANT UPDATE (refused_in_a_row, last_used_at) ON provider_keys TO claviger_engine;
GRANT INSERT ON outbox_events TO claviger_engine;

-- ── claviger_worker: relay, roll-ups, retention, shredding ──
GRANT SELECT ON plans, platform_settings TO claviger_worker;
GRANT SELECT (org_id, secret_id, version, state, retired_at) ON secret_versions TO claviger_worker;
GRANT UPDATE (state, wrapped_dek, envelope) ON secret_versions TO claviger_worker;
GRANT INSERT ON outbox_events TO claviger_worker;

-- ── functions ──
SET LOCAL ROLE claviger_lookup;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA lookup FROM PUBLIC;
GRANT USAGE ON SCHEMA lookup TO claviger_api, claviger_engine, claviger_worker;
GRANT EXECUTE ON FUNCTION
  lookup.session(bytea), lookup.token(bytea), lookup.touch_session(uuid), lookup.touch_token(uuid, uuid)
  TO claviger_api, claviger_engine;
GRANT EXECUTE ON FUNCTION
  lookup.create_session(uuid, uuid, bytea, bytea, uuid, text, text, timestamptz), lookup.list_sessions(uuid),
  lookup.delete_session(uuid, uuid), lookup.delete_other_sessions(uuid, uuid), lookup.set_active_org(uuid, uuid),
  lookup.login(text), lookup.password_hash(uuid), lookup.create_user(uuid, text, text, text),
  lookup.set_password(uuid, text), lookup.orgs_of_user(uuid), lookup.invite(bytea),
  lookup.auth_throttle_hit(text, integer), lookup.auth_throttle_clear(text), lookup.workspace_state(uuid, uuid),
  lookup.set_kill_switch(boolean, text)
  TO claviger_api;
GRANT EXECUTE ON FUNCTION lookup.authorised_state(jsonb) TO claviger_engine;
GRANT EXECUTE ON FUNCTION lookup.audit_append(uuid, text, text, text, text, text, jsonb)
  TO claviger_api, claviger_engine, claviger_worker;
GRANT EXECUTE ON FUNCTION
  lookup.outbox_waiting(integer), lookup.outbox_mark(uuid[]),
  lookup.rollup_usage(date, date), lookup.sweep_expired(), lookup.due_shreds(integer, integer)
  TO claviger_worker;
SET LOCAL ROLE claviger_owner;
