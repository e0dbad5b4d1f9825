-- How long the queue of runs is, for the metrics of the worker: a count and an age over all tenants, and no word of whose they are.

SET LOCAL ROLE claviger_lookup;

CREATE FUNCTION lookup.runs_waiting() RETURNS TABLE (runs integer, oldest_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*)::int, coalesce(extract(epoch FROM clock_timestamp() - min(q.queued_at)), 0)::double precision
  FROM agent_runs q WHERE q.status = 'queued'
$$;

REVOKE EXECUTE ON FUNCTION lookup.runs_waiting() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.runs_waiting() TO claviger_worker;

SET LOCAL ROLE claviger_owner;
