-- A judge's key is had in one of two ways (ADR 0026): given to the policy by somebody who may assign keys, or named because the
-- workspaces have it. What was only named ends with the assignment.

-- Those of `judge_keys` that were given. Of a policy from before this, or made by a process of then, none is: its keys judge where
-- they are assigned, and everywhere once an OWNER has saved its rules.
ALTER TABLE policies ADD COLUMN judge_grants uuid[] NOT NULL DEFAULT '{}';
GRANT SELECT (judge_grants) ON policies TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- As in 0030, without the keys that a policy of the state neither was given nor can name, because the workspace of the call has them
-- in use no longer. One such policy is enough: a key does not know whose question it is asked.
CREATE OR REPLACE FUNCTION lookup.state_judge_keys(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('judgeKeys', CASE
    WHEN jsonb_path_exists(p_state, '$.policies[*].rules[*] ? (@.type == "judge")') THEN coalesce((
      SELECT jsonb_agg(lookup.state_key(k, true) || jsonb_build_object(
        'priority', 0, 'weight', 1, 'active', true, 'assignmentDefaultModel', NULL,
        'assignmentModels', '[]'::jsonb, 'createdAt', k.created_at) ORDER BY k.id)
      FROM provider_keys k
      JOIN (SELECT named.id, bool_and(named.id = ANY (p.judge_grants)) AS given
            FROM jsonb_array_elements(p_state -> 'policies') e
            JOIN policies p ON p.org_id = (p_state #>> '{org,id}')::uuid AND p.id = (e ->> 'id')::uuid
            CROSS JOIN unnest(p.judge_keys) named (id)
            GROUP BY named.id) judge ON judge.id = k.id
      WHERE k.org_id = (p_state #>> '{org,id}')::uuid
        AND (judge.given OR EXISTS (
          SELECT 1 FROM assignments a
          WHERE a.org_id = k.org_id AND a.workspace_id = (p_state #>> '{workspace,id}')::uuid
            AND a.provider_key_id = k.id AND a.active))
        AND k.id NOT IN (SELECT lookup.keys_beyond_plan(k.org_id))), '[]')
    ELSE '[]' END)
$$;

SET LOCAL ROLE claviger_owner;
