-- Rate limits (ADR 0024): of a key, of a token and, by the operator, of what one organization sends to a provider.

ALTER TABLE tokens ADD COLUMN limits jsonb;
GRANT SELECT (limits) ON tokens TO claviger_lookup;

-- The operator's, of no tenant: they hold for each organization by itself.
CREATE TABLE platform_provider_limits (
  provider   text PRIMARY KEY,
  limits     jsonb NOT NULL,
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform_provider_limits TO claviger_api;
GRANT SELECT ON platform_provider_limits TO claviger_lookup;

-- What was counted, by `org uuid/kind/id`: the engines' common memory. Rows hold ids and figures only and are no tenant's: the
-- engine counts for all, the control plane sees those of the organization that it works for.
CREATE TABLE rate_buckets (
  name       text PRIMARY KEY,
  state      text NOT NULL,
  version    integer NOT NULL DEFAULT 1,
  written_at timestamptz(6) NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
ALTER TABLE rate_buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_buckets FORCE ROW LEVEL SECURITY;
CREATE POLICY engine_counts ON rate_buckets TO claviger_engine USING (true) WITH CHECK (true);
CREATE POLICY own_tenant ON rate_buckets FOR SELECT TO claviger_api
  USING (split_part(name, '/', 1) = current_setting('app.org_id', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON rate_buckets TO claviger_engine;
GRANT SELECT ON rate_buckets TO claviger_api;

SET LOCAL ROLE claviger_lookup;

-- The limits that concern a state: part of the one authorised-state query, so that they are as fresh as all else (CUSTODY §4).
CREATE FUNCTION lookup.state_rate_limits(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('rateLimits', jsonb_build_object(
    'token', (SELECT t.limits FROM tokens t
              WHERE p_state #>> '{principal,kind}' = 'token' AND t.org_id = (p_state #>> '{org,id}')::uuid
                AND t.id = (p_state #>> '{principal,id}')::uuid),
    'keys', coalesce((SELECT jsonb_object_agg(k.id, k.limits) FROM provider_keys k
                      JOIN jsonb_array_elements(p_state -> 'assignments') a ON (a ->> 'aiProviderId')::uuid = k.id
                      WHERE k.org_id = (p_state #>> '{org,id}')::uuid AND jsonb_typeof(k.limits) = 'object'), '{}'),
    'providers', coalesce((SELECT jsonb_object_agg(p.provider, p.limits) FROM platform_provider_limits p), '{}')))
$$;
REVOKE EXECUTE ON FUNCTION lookup.state_rate_limits(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION lookup.authorised_state(p_keys jsonb) RETURNS TABLE (ord bigint, state jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.ord, lookup.state_models(coalesce(s.found || lookup.state_rate_limits(s.found),
    jsonb_build_object('killSwitch', (SELECT value FROM platform_settings WHERE key = 'kill_switch'))))
  FROM (SELECT k.ord, CASE
      WHEN k.v ? 'token' THEN lookup.state_by_token(decode(k.v ->> 'token', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'session' THEN lookup.state_by_session(decode(k.v ->> 'session', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'ticket' THEN lookup.state_by_ticket(
        (k.v #>> '{ticket,org}')::uuid, (k.v #>> '{ticket,user}')::uuid, (k.v #>> '{ticket,key}')::uuid,
        (k.v #>> '{ticket,version}')::integer)
    END AS found
    FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (v, ord)
    -- Read once, though it is named twice above.
    OFFSET 0) s
  ORDER BY s.ord
$$;

CREATE OR REPLACE FUNCTION lookup.workspace_state(p_user uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_models(s.found || lookup.state_rate_limits(s.found))
  FROM (SELECT lookup.state_of_workspace(o.org_id, p_workspace) || jsonb_build_object(
      'principal', lookup.state_member(o.org_id, p_user, p_workspace) || jsonb_build_object(
        'kind', 'ticket', 'id', p_user, 'revoked', false, 'expiresAt', NULL),
      'assignments', lookup.state_assignments(o.org_id, p_workspace, false)) AS found
    FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) o
    WHERE o.org_id IS NOT NULL
    OFFSET 0) s
$$;

SET LOCAL ROLE claviger_owner;
