-- Which engine process has a run, and whether it still lives: a run whose process died is called `outcome_unknown`
-- instead of staying `running` for ever.

CREATE TABLE engine_processes (
  id           uuid PRIMARY KEY,
  started_at   timestamptz(6) NOT NULL DEFAULT now(),
  heartbeat_at timestamptz(6) NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON engine_processes TO claviger_engine;

ALTER TABLE agent_runs ADD COLUMN engine_id uuid;
CREATE INDEX agent_runs_running ON agent_runs (engine_id) WHERE status = 'running';

-- The sweep goes over tenants, and can do this one thing to a run.
CREATE POLICY lookup_read ON agent_runs FOR SELECT TO claviger_lookup USING (status IN ('running', 'outcome_unknown'));
CREATE POLICY lookup_sweep ON agent_runs FOR UPDATE TO claviger_lookup
  USING (status = 'running') WITH CHECK (status = 'outcome_unknown');
GRANT SELECT (org_id, id, status, engine_id), UPDATE (status, finished_at) ON agent_runs TO claviger_lookup;
GRANT SELECT ON engine_processes TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- Gives up the runs of processes that have not been heard of for so long. Answers how many.
CREATE FUNCTION lookup.sweep_lost_runs(p_silent_seconds integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH lost AS (
    UPDATE agent_runs r SET status = 'outcome_unknown', finished_at = clock_timestamp()
    WHERE r.status = 'running' AND NOT EXISTS (
      SELECT 1 FROM engine_processes p
      WHERE p.id = r.engine_id AND p.heartbeat_at > clock_timestamp() - make_interval(secs => p_silent_seconds))
    RETURNING 1)
  SELECT count(*)::int FROM lost
$$;
REVOKE EXECUTE ON FUNCTION lookup.sweep_lost_runs(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.sweep_lost_runs(integer) TO claviger_engine;
SET LOCAL ROLE claviger_owner;
