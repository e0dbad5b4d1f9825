-- Policies (PRODUCT #46, #47, #49): what calls may do, for the whole organization, one workspace or one token. A lower scope
-- only adds. What is enabled and covers a caller is part of the one authorised state.

CREATE TABLE policies (
  org_id       uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id           uuid NOT NULL,
  name         text NOT NULL,
  description  text NOT NULL,
  workspace_id uuid,
  token_id     uuid,
  severity     text NOT NULL CHECK (severity IN ('LOW', 'MEDIUM', 'HIGH')),
  enabled      boolean NOT NULL,
  rules        jsonb NOT NULL,
  version      integer NOT NULL DEFAULT 1,
  created_at   timestamptz(6) NOT NULL DEFAULT now(),
  updated_at   timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name),
  -- Neither: the whole organization. A policy ends with the workspace or the token that it is for.
  CHECK (workspace_id IS NULL OR token_id IS NULL),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, token_id) REFERENCES tokens (org_id, id) ON DELETE CASCADE
);

-- What a policy was, version by version. Outlives it: a violation names the version that it broke.
CREATE TABLE policy_versions (
  org_id       uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  policy_id    uuid NOT NULL,
  version      integer NOT NULL,
  name         text NOT NULL,
  description  text NOT NULL,
  workspace_id uuid,
  token_id     uuid,
  severity     text NOT NULL,
  enabled      boolean NOT NULL,
  rules        jsonb NOT NULL,
  -- `usr_…` or `tok_…`
  changed_by   text NOT NULL,
  changed_at   timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, policy_id, version)
);

-- An exception for one workspace or one token. It ends by itself.
CREATE TABLE policy_approvals (
  org_id       uuid NOT NULL,
  id           uuid NOT NULL,
  policy_id    uuid NOT NULL,
  workspace_id uuid,
  token_id     uuid,
  reason       text NOT NULL,
  expires_at   timestamptz(6) NOT NULL,
  -- `usr_…` or `tok_…`
  created_by   text NOT NULL,
  created_at   timestamptz(6) NOT NULL DEFAULT now(),
  revoked_at   timestamptz(6),
  revoked_by   text,
  PRIMARY KEY (org_id, id),
  -- Of neither, it would lift nothing.
  CHECK (workspace_id IS NULL OR token_id IS NULL),
  FOREIGN KEY (org_id, policy_id) REFERENCES policies (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, token_id) REFERENCES tokens (org_id, id) ON DELETE CASCADE
);
CREATE INDEX policy_approvals_policy ON policy_approvals (org_id, policy_id, expires_at);

-- Receipts of what broke a policy: they outlive what they name, and hold nothing of what was said.
CREATE TABLE policy_violations (
  org_id         uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id             uuid NOT NULL,
  policy_id      uuid NOT NULL,
  policy_name    text NOT NULL,
  policy_version integer NOT NULL,
  scope          text NOT NULL,
  severity       text NOT NULL,
  action         text NOT NULL CHECK (action IN ('logged', 'alerted', 'blocked')),
  rule_index     integer NOT NULL,
  rule_type      text NOT NULL,
  detail         text NOT NULL,
  workspace_id   uuid NOT NULL,
  -- `usr_…` or `tok_…`
  principal_id   text NOT NULL,
  -- None for a call that was refused before it became a run.
  run_id         uuid,
  provider       text,
  model          text,
  request_id     text NOT NULL,
  created_at     timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE INDEX policy_violations_policy ON policy_violations (org_id, policy_id, created_at);

-- What a dry run judges by, beside the receipts: the tools (`[{kind, name}]`; NULL: the run is from before this was kept), and
-- what the call named.
ALTER TABLE agent_runs ADD COLUMN tools jsonb, ADD COLUMN surface text, ADD COLUMN max_output_tokens integer;

-- Whom a rolled token takes the place of: what covered them covers it.
ALTER TABLE tokens ADD COLUMN ancestors uuid[] NOT NULL DEFAULT '{}';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['policies', 'policy_versions', 'policy_approvals', 'policy_violations'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      $policy$CREATE POLICY tenant ON %I
        USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
        WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid)$policy$, name);
    EXECUTE format('CREATE POLICY lookup_read ON %I FOR SELECT TO claviger_lookup USING (true)', name);
  END LOOP;
END $$;

-- Versions and violations are written once. The engine writes violations and reads policies in the authorised state alone.
GRANT SELECT, INSERT, UPDATE, DELETE ON policies TO claviger_api;
GRANT SELECT, INSERT ON policy_versions TO claviger_api;
GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by) ON policy_approvals TO claviger_api;
GRANT SELECT ON policy_violations TO claviger_api;
GRANT INSERT ON policy_violations TO claviger_engine;
GRANT SELECT (org_id, id, name, workspace_id, token_id, severity, enabled, rules, version) ON policies TO claviger_lookup;
GRANT SELECT (org_id, id, policy_id, workspace_id, token_id, expires_at, revoked_at) ON policy_approvals TO claviger_lookup;
GRANT SELECT (org_id, policy_id, version) ON policy_versions TO claviger_lookup;
GRANT SELECT (org_id, id) ON policy_violations TO claviger_lookup;
GRANT SELECT (ancestors) ON tokens TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The policies for a caller in a workspace, without those that an exception lifts now, by the database's own clock.
CREATE FUNCTION lookup.state_policies(p_org uuid, p_workspace uuid, p_token uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', p.id, 'name', p.name, 'severity', p.severity, 'rules', p.rules, 'version', p.version,
    'workspaceId', p.workspace_id, 'tokenId', p.token_id)
    ORDER BY p.token_id IS NOT NULL, p.workspace_id IS NOT NULL, p.name, p.id), '[]')
  FROM (SELECT coalesce((SELECT t.ancestors || t.id FROM tokens t WHERE t.org_id = p_org AND t.id = p_token), '{}') AS ids) own
  JOIN policies p ON p.org_id = p_org AND p.enabled
    AND (p.workspace_id IS NULL OR p.workspace_id = p_workspace) AND (p.token_id IS NULL OR p.token_id = ANY (own.ids))
  WHERE NOT EXISTS (
    SELECT 1 FROM policy_approvals a
    WHERE a.org_id = p.org_id AND a.policy_id = p.id AND a.revoked_at IS NULL AND a.expires_at > clock_timestamp()
      AND (a.workspace_id = p_workspace OR a.token_id = ANY (own.ids)))
$$;

CREATE OR REPLACE FUNCTION lookup.state_by_token(p_hash bytea, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(t.org_id, p_workspace) || jsonb_build_object(
    'principal', lookup.state_member(t.org_id, m.user_id, p_workspace) || jsonb_build_object(
      'kind', 'token', 'id', t.id, 'tokenKind', t.kind, 'tokenWorkspaceId', t.workspace_id,
      'permissions', t.permissions, 'revoked', t.revoked_at IS NOT NULL, 'expiresAt', t.expires_at),
    'assignments', lookup.state_assignments(t.org_id, p_workspace, true),
    'policies', lookup.state_policies(t.org_id, p_workspace, t.id))
  FROM tokens t JOIN members m ON m.org_id = t.org_id AND m.id = t.owner_member_id
  WHERE t.token_hash = p_hash
$$;

CREATE OR REPLACE FUNCTION lookup.state_by_session(p_hash bytea, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(s.active_org_id, p_workspace) || jsonb_build_object(
    'principal', lookup.state_member(s.active_org_id, s.user_id, p_workspace) || jsonb_build_object(
      'kind', 'session', 'id', s.id, 'csrfHash', encode(s.csrf_hash, 'base64'),
      'revoked', s.expires_at <= clock_timestamp(), 'expiresAt', s.expires_at),
    'assignments', lookup.state_assignments(s.active_org_id, p_workspace, true),
    'policies', lookup.state_policies(s.active_org_id, p_workspace, NULL))
  FROM sessions s WHERE s.token_hash = p_hash
$$;

-- The control plane's view, for a caller who may come with a token: its policies count for it.
CREATE FUNCTION lookup.workspace_state(p_user uuid, p_workspace uuid, p_token uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.workspace_state(p_user, p_workspace) || jsonb_build_object(
    'policies', lookup.state_policies(o.org_id, p_workspace, p_token))
  FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) o
  WHERE o.org_id IS NOT NULL
$$;

REVOKE EXECUTE ON FUNCTION lookup.state_policies(uuid, uuid, uuid), lookup.workspace_state(uuid, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.workspace_state(uuid, uuid, uuid) TO claviger_api;

SET LOCAL ROLE claviger_owner;
