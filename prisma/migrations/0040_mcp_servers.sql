-- MCP servers of an organization and the workspaces that they were handed to (PRODUCT #29), and secrets that tools may name in
-- their headers (#60, ADR 0030).

CREATE TABLE mcp_servers (
  org_id     uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id         uuid NOT NULL,
  name       text NOT NULL,
  url        text NOT NULL,
  -- What its Authorization header carries; sealed for the URL's own origin.
  secret_id  uuid,
  enabled    boolean NOT NULL DEFAULT true,
  revision   integer NOT NULL DEFAULT 1,
  created_at timestamptz(6) NOT NULL DEFAULT now(),
  updated_at timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name),
  FOREIGN KEY (org_id, secret_id) REFERENCES secrets (org_id, id)
);
CREATE INDEX mcp_servers_secret ON mcp_servers (org_id, secret_id);

CREATE TABLE mcp_assignments (
  org_id        uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  workspace_id  uuid NOT NULL,
  mcp_server_id uuid NOT NULL,
  active        boolean NOT NULL DEFAULT true,
  created_at    timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, workspace_id, mcp_server_id),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  -- No cascade: an assignment made while its server is being deleted must fail the deletion, not vanish.
  FOREIGN KEY (org_id, mcp_server_id) REFERENCES mcp_servers (org_id, id)
);
CREATE INDEX mcp_assignments_server ON mcp_assignments (org_id, mcp_server_id);

ALTER TABLE mcp_servers ENABLE ROW LEVEL SECURITY;
ALTER TABLE mcp_servers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mcp_servers
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON mcp_servers FOR SELECT TO claviger_lookup USING (true);

ALTER TABLE mcp_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE mcp_assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON mcp_assignments
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON mcp_assignments FOR SELECT TO claviger_lookup USING (true);

-- Whether tools may name it. Said when it is made and never afterwards: what was given to a key is not for everybody's tools.
ALTER TABLE secrets ADD COLUMN for_tools boolean NOT NULL DEFAULT false;
-- A tool names it by name; that a name is one secret's alone, the control plane sees to under the organization's lock.
CREATE INDEX secrets_for_tools ON secrets (org_id, name) WHERE for_tools;

GRANT SELECT, INSERT, UPDATE, DELETE ON mcp_servers, mcp_assignments TO claviger_api;
GRANT SELECT (org_id, id, name, url, secret_id, enabled), DELETE ON mcp_servers TO claviger_lookup;
GRANT SELECT (org_id, workspace_id, mcp_server_id, active), DELETE ON mcp_assignments TO claviger_lookup;
GRANT SELECT (name, for_tools) ON secrets TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- What a state says of tools: the servers that the workspace was handed, and the secrets that tools of the organization may name;
-- both sealed, for the engine alone.
CREATE FUNCTION lookup.state_tools(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'mcpServers', coalesce((
      SELECT jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'url', m.url, 'enabled', m.enabled AND a.active,
        'secretId', m.secret_id, 'secretVersion', v.version, 'format', v.format, 'kmsRef', v.kms_ref,
        'origins', coalesce(v.origins, '{}'), 'wrappedDek', encode(v.wrapped_dek, 'base64'),
        'envelope', encode(v.envelope, 'base64')) ORDER BY m.id)
      FROM mcp_assignments a
      JOIN mcp_servers m ON m.org_id = a.org_id AND m.id = a.mcp_server_id
      LEFT JOIN secrets s ON s.org_id = m.org_id AND s.id = m.secret_id AND s.purpose = 'call'
      LEFT JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id AND v.state = 'active'
      WHERE a.org_id = (p_state #>> '{org,id}')::uuid AND a.workspace_id = (p_state #>> '{workspace,id}')::uuid), '[]'),
    'toolSecrets', coalesce((
      SELECT jsonb_agg(jsonb_build_object('name', s.name, 'secretId', s.id, 'secretVersion', v.version, 'format', v.format,
        'kmsRef', v.kms_ref, 'origins', v.origins, 'wrappedDek', encode(v.wrapped_dek, 'base64'),
        'envelope', encode(v.envelope, 'base64')) ORDER BY s.name)
      FROM secrets s
      JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id AND v.state = 'active'
      WHERE s.for_tools AND s.purpose = 'call' AND s.org_id = (p_state #>> '{org,id}')::uuid
        AND p_state #>> '{workspace,id}' IS NOT NULL), '[]'))
$$;
REVOKE EXECUTE ON FUNCTION lookup.state_tools(jsonb) FROM PUBLIC;

-- As in 0030, with what the state says of tools.
CREATE OR REPLACE FUNCTION lookup.authorised_state(p_keys jsonb) RETURNS TABLE (ord bigint, state jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.ord, lookup.state_models(coalesce(s.found || lookup.state_rate_limits(s.found) || lookup.state_tools(s.found),
    jsonb_build_object('killSwitch', (SELECT value FROM platform_settings WHERE key = 'kill_switch'))))
  FROM (SELECT f.ord, f.found || lookup.state_judge_keys(f.found) AS found
    FROM (SELECT k.ord, CASE
        WHEN k.v ? 'token' THEN lookup.state_by_token(decode(k.v ->> 'token', 'hex'), (k.v ->> 'workspace')::uuid)
        WHEN k.v ? 'session' THEN lookup.state_by_session(decode(k.v ->> 'session', 'hex'), (k.v ->> 'workspace')::uuid)
        WHEN k.v ? 'ticket' THEN lookup.state_by_ticket(
          (k.v #>> '{ticket,org}')::uuid, (k.v #>> '{ticket,user}')::uuid, (k.v #>> '{ticket,key}')::uuid,
          (k.v #>> '{ticket,version}')::integer)
      END AS found
      FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (v, ord)
      -- Read once, though it is named twice above; the same below.
      OFFSET 0) f
    OFFSET 0) s
  ORDER BY s.ord
$$;

-- One batch of the purge of the transaction's own organization, if it was deleted so long ago. Answers `more`, `done` (with
-- this batch) or `none`: nothing is due here, or another worker is at it. Where it stopped, the rows themselves say.
CREATE OR REPLACE FUNCTION lookup.purge_org(p_older_than_seconds integer, p_limit integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  part text[];
  touched integer;
BEGIN
  PERFORM 1 FROM org_deletions d
  WHERE d.org_id = tenant AND d.purged_at IS NULL
    AND d.deleted_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 'none';
  END IF;

  -- Runs and receipts stay as the books of who ran the installation; what people and programs wrote into them goes.
  UPDATE agent_runs r SET node_execution_id = r.id::text, request_hash = '', result = NULL, error = NULL, user_id = NULL,
    workflow_id = NULL, workflow_version = NULL, surface = NULL, tools = NULL
  WHERE r.org_id = tenant AND r.id IN (
    SELECT i.id FROM agent_runs i WHERE i.org_id = tenant AND i.node_execution_id <> i.id::text LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;
  UPDATE usage_records u SET user_id = NULL, workflow_id = NULL
  WHERE u.org_id = tenant AND u.id IN (
    SELECT i.id FROM usage_records i
    WHERE i.org_id = tenant AND (i.user_id IS NOT NULL OR i.workflow_id IS NOT NULL) LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;

  -- Keys and secrets point at each other, and MCP servers at their secrets.
  UPDATE secrets SET owner_key_id = NULL WHERE org_id = tenant AND owner_key_id IS NOT NULL;
  FOREACH part SLICE 1 IN ARRAY ARRAY[
    ['run_requests', 'run_id'], ['run_events', 'run_id, first_id'],
    ['quota_holds', 'run_id, quota_id'], ['quota_reservations', 'run_id'], ['quota_counters', 'quota_id, window_start'],
    ['notices', 'id'], ['quotas', 'id'], ['price_overrides', 'id'],
    ['policy_approvals', 'id'], ['policy_versions', 'policy_id, version'], ['policy_violations', 'id'], ['policies', 'id'],
    ['assignments', 'workspace_id, provider_key_id'], ['workspace_grants', 'workspace_id, member_id'], ['tokens', 'id'],
    ['provider_gates', 'provider'], ['plan_counters', 'resource'], ['idempotency_keys', 'principal, route, key'],
    ['provider_keys', 'id'], ['mcp_assignments', 'workspace_id, mcp_server_id'], ['mcp_servers', 'id'],
    ['secret_versions', 'secret_id, version'], ['secrets', 'id'],
    ['workspaces', 'id'], ['members', 'id'], ['invites', 'id'], ['outbox_events', 'id']
  ] LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE org_id = $1 AND (%2$s) IN (SELECT %2$s FROM %1$I WHERE org_id = $1 LIMIT $2)',
      part[1], part[2]) USING tenant, p_limit;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN
      RETURN 'more';
    END IF;
  END LOOP;

  DELETE FROM orgs WHERE org_id = tenant;
  UPDATE org_deletions SET purged_at = clock_timestamp() WHERE org_id = tenant;
  RETURN 'done';
END $$;

SET LOCAL ROLE claviger_owner;
