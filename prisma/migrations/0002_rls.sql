-- Row-level security. FORCE, because the owner of a table would otherwise see every tenant's rows.
-- nullif: after a commit the transaction-local setting reads '' instead of NULL, and ''::uuid is an error
-- where "no rows" is meant.

DO $$
DECLARE
  tenant_table text;
BEGIN
  FOREACH tenant_table IN ARRAY ARRAY[
    'orgs', 'invites', 'members', 'workspaces', 'workspace_grants', 'tokens', 'secrets', 'secret_versions',
    'provider_keys', 'assignments', 'provider_gates', 'plan_counters', 'idempotency_keys', 'agent_runs',
    'usage_records', 'usage_daily', 'audit_heads', 'audit_events', 'outbox_events'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', tenant_table);
    EXECUTE format(
      $policy$CREATE POLICY tenant ON %I
        USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
        WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid)$policy$,
      tenant_table
    );
  END LOOP;
END $$;

-- What the look-up functions may see across tenants. Which columns, 0006 says.
DO $$
DECLARE
  looked_up text;
BEGIN
  FOREACH looked_up IN ARRAY ARRAY[
    'orgs', 'invites', 'members', 'workspaces', 'workspace_grants', 'tokens', 'secrets', 'secret_versions',
    'provider_keys', 'assignments', 'provider_gates', 'usage_records', 'usage_daily', 'outbox_events',
    'idempotency_keys'
  ] LOOP
    EXECUTE format('CREATE POLICY lookup_read ON %I FOR SELECT TO claviger_lookup USING (true)', looked_up);
  END LOOP;
END $$;

-- Work over tenants: the time a token was last used, the relay's marks, roll-ups, retention. Nothing else is
-- written across tenants.
CREATE POLICY lookup_touch ON tokens FOR UPDATE TO claviger_lookup USING (true) WITH CHECK (true);
CREATE POLICY lookup_mark ON outbox_events FOR UPDATE TO claviger_lookup USING (true) WITH CHECK (true);
CREATE POLICY lookup_sweep ON outbox_events FOR DELETE TO claviger_lookup USING (published_at IS NOT NULL);
CREATE POLICY lookup_sweep ON idempotency_keys FOR DELETE TO claviger_lookup USING (true);
CREATE POLICY lookup_add ON usage_daily FOR INSERT TO claviger_lookup WITH CHECK (true);
CREATE POLICY lookup_correct ON usage_daily FOR UPDATE TO claviger_lookup USING (true) WITH CHECK (true);

-- People belong to no tenant: a process sees those who are members of the organization it works for, and
-- everything else about them goes through functions.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY fellow_members ON users FOR SELECT TO claviger_api USING (
  EXISTS (
    SELECT 1 FROM members m
    WHERE m.user_id = users.id AND m.org_id = nullif(current_setting('app.org_id', true), '')::uuid
  )
);
CREATE POLICY lookup_all ON users TO claviger_lookup USING (true) WITH CHECK (true);

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY lookup_all ON sessions TO claviger_lookup USING (true) WITH CHECK (true);

ALTER TABLE auth_throttle ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth_throttle FORCE ROW LEVEL SECURITY;
CREATE POLICY lookup_all ON auth_throttle TO claviger_lookup USING (true) WITH CHECK (true);
