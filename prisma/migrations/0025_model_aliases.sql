-- Names that an organization gives to lists of models ("fast", "smart"), for all of its workspaces or for one.

CREATE TABLE model_aliases (
  -- The purge of an organization takes them with its last row.
  org_id       uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id           uuid NOT NULL,
  workspace_id uuid,
  name         text NOT NULL,
  models       text[] NOT NULL,
  PRIMARY KEY (org_id, id),
  UNIQUE NULLS NOT DISTINCT (org_id, workspace_id, name),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE
);

ALTER TABLE model_aliases ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_aliases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON model_aliases
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON model_aliases FOR SELECT TO claviger_lookup USING (true);

GRANT SELECT (org_id, workspace_id, name, models) ON model_aliases TO claviger_lookup;
GRANT SELECT, INSERT, DELETE ON model_aliases TO claviger_api;

SET LOCAL ROLE claviger_lookup;

-- What a state says about names and models beside its keys. The processes cannot call it: only as part of a state.
CREATE FUNCTION lookup.state_models(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p_state || jsonb_build_object(
    'catalogueVersion', coalesce((SELECT max(version) FROM catalogue_versions), 0),
    'modelAliases', coalesce((
      SELECT jsonb_agg(jsonb_build_object('name', a.name, 'workspaceId', a.workspace_id, 'models', to_jsonb(a.models))
        ORDER BY a.name, a.workspace_id NULLS LAST)
      FROM model_aliases a
      WHERE a.org_id = (p_state #>> '{org,id}')::uuid
        AND (a.workspace_id IS NULL OR a.workspace_id = (p_state #>> '{workspace,id}')::uuid)), '[]'))
$$;

-- As in 0004, with `state_models` around each state: still one statement, so one snapshot.
CREATE OR REPLACE FUNCTION lookup.authorised_state(p_keys jsonb) RETURNS TABLE (ord bigint, state jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT k.ord, lookup.state_models(coalesce(
    CASE
      WHEN k.v ? 'token' THEN lookup.state_by_token(decode(k.v ->> 'token', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'session' THEN lookup.state_by_session(decode(k.v ->> 'session', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'ticket' THEN lookup.state_by_ticket(
        (k.v #>> '{ticket,org}')::uuid, (k.v #>> '{ticket,user}')::uuid, (k.v #>> '{ticket,key}')::uuid,
        (k.v #>> '{ticket,version}')::integer)
    END,
    jsonb_build_object('killSwitch', (SELECT value FROM platform_settings WHERE key = 'kill_switch'))))
  FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (v, ord)
  ORDER BY k.ord
$$;

CREATE OR REPLACE FUNCTION lookup.workspace_state(p_user uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_models(lookup.state_of_workspace(o.org_id, p_workspace)) || jsonb_build_object(
    'principal', lookup.state_member(o.org_id, p_user, p_workspace) || jsonb_build_object(
      'kind', 'ticket', 'id', p_user, 'revoked', false, 'expiresAt', NULL),
    'assignments', lookup.state_assignments(o.org_id, p_workspace, false))
  FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) o
  WHERE o.org_id IS NOT NULL
$$;

REVOKE EXECUTE ON FUNCTION lookup.state_models(jsonb) FROM PUBLIC;

SET LOCAL ROLE claviger_owner;
