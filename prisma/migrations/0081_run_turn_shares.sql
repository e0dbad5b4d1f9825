-- Queued runs have shares as well as turns (ADR 0041): a process says which organizations and workspaces have as many of its slots
-- as they may, and gets nobody's run of those. It counts by itself what it has under way.

SET LOCAL ROLE claviger_lookup;

-- One run for this engine process, or no row. The organization with the fewest runs under way comes first, and of its workspaces
-- the one whose last turn is longest ago: a long queue makes nobody else wait. No workspace has more than so many at once over all
-- processes; those whose share of this process is full are passed over.
CREATE FUNCTION lookup.claim_run(p_engine uuid, p_per_workspace integer, p_full_orgs uuid[], p_full_workspaces uuid[])
RETURNS TABLE (org_id uuid, run_id uuid, workspace_id uuid, fence integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  turn record;
BEGIN
  FOR turn IN
    WITH RECURSIVE waiting AS (
      (SELECT q.org_id, q.workspace_id FROM agent_runs q WHERE q.status = 'queued' ORDER BY q.org_id, q.workspace_id LIMIT 1)
      UNION ALL
      SELECT n.org_id, n.workspace_id FROM waiting w CROSS JOIN LATERAL (
        SELECT q.org_id, q.workspace_id FROM agent_runs q
        WHERE q.status = 'queued' AND (q.org_id, q.workspace_id) > (w.org_id, w.workspace_id)
        ORDER BY q.org_id, q.workspace_id LIMIT 1) n)
    SELECT w.org_id, w.workspace_id FROM waiting w
    WHERE w.org_id <> ALL (p_full_orgs) AND w.workspace_id <> ALL (p_full_workspaces)
    ORDER BY
      (SELECT count(*) FROM agent_runs r WHERE r.org_id = w.org_id AND r.status = 'running' AND r.claimed_at IS NOT NULL),
      (SELECT max(r.claimed_at) FROM agent_runs r
       WHERE r.org_id = w.org_id AND r.workspace_id = w.workspace_id AND r.claimed_at IS NOT NULL) NULLS FIRST
  LOOP
    -- Two processes at once would both count below the limit.
    CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('claviger run turns ' || turn.workspace_id, 0));
    CONTINUE WHEN p_per_workspace <= (
      SELECT count(*) FROM agent_runs r WHERE r.org_id = turn.org_id AND r.workspace_id = turn.workspace_id
        AND r.status = 'running' AND r.claimed_at IS NOT NULL);
    RETURN QUERY
      UPDATE agent_runs r SET status = 'running', engine_id = p_engine, fence = r.fence + 1, claimed_at = clock_timestamp()
      WHERE (r.org_id, r.id) = (
        SELECT q.org_id, q.id FROM agent_runs q
        WHERE q.status = 'queued' AND q.org_id = turn.org_id AND q.workspace_id = turn.workspace_id
          AND (q.not_before IS NULL OR q.not_before <= clock_timestamp())
        ORDER BY q.id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING r.org_id, r.id, r.workspace_id, r.fence;
    IF FOUND THEN
      RETURN;
    END IF;
  END LOOP;
END $$;

-- As processes of the release before ask: nobody's share is full.
CREATE OR REPLACE FUNCTION lookup.claim_run(p_engine uuid, p_per_workspace integer)
RETURNS TABLE (org_id uuid, run_id uuid, workspace_id uuid, fence integer)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.org_id, c.run_id, c.workspace_id, c.fence FROM lookup.claim_run(p_engine, p_per_workspace, '{}', '{}') c
$$;

REVOKE EXECUTE ON FUNCTION lookup.claim_run(uuid, integer, uuid[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.claim_run(uuid, integer, uuid[], uuid[]) TO claviger_engine;

SET LOCAL ROLE claviger_owner;
