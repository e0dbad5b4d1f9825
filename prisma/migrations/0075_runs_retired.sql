-- Rows of runs that ended long ago go where the operator says so: what they say is gone by the policies before, and what they used is in
-- the sums (PRODUCT #48, ADR 0038).

CREATE POLICY lookup_retire ON agent_runs FOR DELETE TO claviger_lookup
  USING (finished_at < clock_timestamp() - interval '35 days');
GRANT DELETE ON agent_runs TO claviger_lookup;
-- A few pages, however many runs: their ends come nearly in the order of their rows.
CREATE INDEX agent_runs_ended ON agent_runs USING brin (finished_at);

SET LOCAL ROLE claviger_lookup;

-- Removes at most so many runs that ended so many days ago, 35 at least, and answers how many. One that a receipt names waits until the
-- receipt has had its time: books come first.
CREATE FUNCTION lookup.retire_runs(p_days integer, p_limit integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH old AS MATERIALIZED (
    SELECT r.org_id, r.id FROM agent_runs r
    WHERE r.finished_at < clock_timestamp() - make_interval(days => greatest(p_days, 35))
      AND NOT EXISTS (SELECT 1 FROM usage_records u WHERE u.org_id = r.org_id AND u.run_id = r.id)
      AND NOT EXISTS (SELECT 1 FROM quota_reservations q WHERE q.org_id = r.org_id AND q.run_id = r.id)
    LIMIT p_limit),
  gone AS (DELETE FROM agent_runs r USING old o WHERE r.org_id = o.org_id AND r.id = o.id RETURNING 1)
  SELECT count(*)::int FROM gone
$$;
REVOKE EXECUTE ON FUNCTION lookup.retire_runs(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.retire_runs(integer, integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
