-- Rules of policies that read and keep what is said (ADR 0026).

-- The keys that a policy's judges were given: an assignment of their own, to the policy alone. By id, so that the state can find them.
ALTER TABLE policies ADD COLUMN judge_keys uuid[] NOT NULL DEFAULT '{}';
GRANT SELECT (judge_keys) ON policies TO claviger_lookup;

-- What a receipt is for: the run itself, or a policy's question to its judge while it went on.
ALTER TABLE usage_records ADD COLUMN purpose text NOT NULL DEFAULT 'call' CHECK (purpose IN ('call', 'judge'));

-- How much of a run was kept, by the policies that covered it at its end.
ALTER TABLE agent_runs ADD COLUMN retention text NOT NULL DEFAULT 'full' CHECK (retention IN ('full', 'metadata', 'none'));

SET LOCAL ROLE claviger_lookup;

-- The judges' keys of the policies in a state, sealed: for the engine alone. A key beyond the plan judges nobody.
CREATE FUNCTION lookup.state_judge_keys(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('judgeKeys', CASE
    WHEN jsonb_path_exists(p_state, '$.policies[*].rules[*] ? (@.type == "judge")') THEN coalesce((
      SELECT jsonb_agg(lookup.state_key(k, true) || jsonb_build_object(
        'priority', 0, 'weight', 1, 'active', true, 'assignmentDefaultModel', NULL,
        'assignmentModels', '[]'::jsonb, 'createdAt', k.created_at) ORDER BY k.id)
      FROM provider_keys k
      WHERE k.org_id = (p_state #>> '{org,id}')::uuid
        AND k.id IN (SELECT unnest(p.judge_keys) FROM policies p
                     JOIN jsonb_array_elements(p_state -> 'policies') e ON (e ->> 'id')::uuid = p.id
                     WHERE p.org_id = k.org_id)
        AND k.id NOT IN (SELECT lookup.keys_beyond_plan(k.org_id))), '[]')
    ELSE '[]' END)
$$;
REVOKE EXECUTE ON FUNCTION lookup.state_judge_keys(jsonb) FROM PUBLIC;

-- As before, with the limits of the judges' keys.
CREATE OR REPLACE FUNCTION lookup.state_rate_limits(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('rateLimits', jsonb_build_object(
    'token', (SELECT t.limits FROM tokens t
              WHERE p_state #>> '{principal,kind}' = 'token' AND t.org_id = (p_state #>> '{org,id}')::uuid
                AND t.id = (p_state #>> '{principal,id}')::uuid),
    'keys', coalesce((SELECT jsonb_object_agg(k.id, k.limits) FROM provider_keys k
                      JOIN (SELECT DISTINCT (a ->> 'aiProviderId')::uuid AS id FROM jsonb_array_elements(
                              (p_state -> 'assignments') || coalesce(p_state -> 'judgeKeys', '[]')) a) named ON named.id = k.id
                      WHERE k.org_id = (p_state #>> '{org,id}')::uuid AND jsonb_typeof(k.limits) = 'object'), '{}'),
    'providers', coalesce((SELECT jsonb_object_agg(p.provider, p.limits) FROM platform_provider_limits p), '{}')))
$$;

CREATE OR REPLACE FUNCTION lookup.authorised_state(p_keys jsonb) RETURNS TABLE (ord bigint, state jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.ord, lookup.state_models(coalesce(s.found || lookup.state_rate_limits(s.found),
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

SET LOCAL ROLE claviger_owner;
