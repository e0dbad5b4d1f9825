-- A judge's question counts against quotas and budgets like any call (ADR 0026, 0027): it is charged its worst case, with a receipt of
-- unknown use, before it is asked; what it used takes the place of both.

GRANT SELECT (purpose) ON usage_records TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The truth about a run has come; what its judges were charged has a truth of its own.
CREATE OR REPLACE FUNCTION lookup.drop_unknown_receipt(p_run uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM usage_records u
  WHERE u.org_id = nullif(current_setting('app.org_id', true), '')::uuid AND u.run_id = p_run AND u.outcome = 'unknown'
    AND u.purpose = 'call'
$$;

CREATE FUNCTION lookup.drop_judge_receipt(p_id uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM usage_records u
    WHERE u.org_id = nullif(current_setting('app.org_id', true), '')::uuid AND u.id = p_id AND u.outcome = 'unknown'
      AND u.purpose = 'judge'
    RETURNING 1)
  SELECT count(*)::int FROM gone
$$;

REVOKE EXECUTE ON FUNCTION lookup.drop_judge_receipt(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.drop_judge_receipt(uuid) TO claviger_engine;

SET LOCAL ROLE claviger_owner;
