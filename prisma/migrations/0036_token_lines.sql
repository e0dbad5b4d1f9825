-- A token counts for the limits of the tokens that it was rolled from or made by, in their windows.

SET LOCAL ROLE claviger_lookup;

-- As in 0030, with `tokenLine`.
CREATE OR REPLACE FUNCTION lookup.state_rate_limits(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('rateLimits', jsonb_build_object(
    'token', (SELECT t.limits FROM tokens t
              WHERE p_state #>> '{principal,kind}' = 'token' AND t.org_id = (p_state #>> '{org,id}')::uuid
                AND t.id = (p_state #>> '{principal,id}')::uuid),
    'tokenLine', coalesce((SELECT jsonb_agg(jsonb_build_object('id', a.id, 'limits', a.limits) ORDER BY line.at)
                  FROM tokens t
                  CROSS JOIN unnest(t.ancestors || t.id) WITH ORDINALITY line (id, at)
                  JOIN tokens a ON a.org_id = t.org_id AND a.id = line.id AND a.limits IS NOT NULL
                  WHERE p_state #>> '{principal,kind}' = 'token' AND t.org_id = (p_state #>> '{org,id}')::uuid
                    AND t.id = (p_state #>> '{principal,id}')::uuid), '[]'),
    'keys', coalesce((SELECT jsonb_object_agg(k.id, k.limits) FROM provider_keys k
                      JOIN (SELECT DISTINCT (a ->> 'aiProviderId')::uuid AS id FROM jsonb_array_elements(
                              (p_state -> 'assignments') || coalesce(p_state -> 'judgeKeys', '[]')) a) named ON named.id = k.id
                      WHERE k.org_id = (p_state #>> '{org,id}')::uuid AND jsonb_typeof(k.limits) = 'object'), '{}'),
    'providers', coalesce((SELECT jsonb_object_agg(p.provider, p.limits) FROM platform_provider_limits p), '{}')))
$$;

SET LOCAL ROLE claviger_owner;
