-- What of a run outlives its end is what the policies say at that moment, whoever ends it (PRODUCT #48): also one that waited, or
-- whose process was lost, while a policy came in.

-- What it said goes with its end where not all of it may be kept.
GRANT DELETE ON run_events TO claviger_engine;
GRANT SELECT (principal_id), UPDATE (retention) ON agent_runs TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The UUID of an identifier as it leaves a process: the 26 letters after its prefix (TypeID).
CREATE FUNCTION lookup.uuid_of(p_id text) RETURNS uuid
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT string_agg(to_hex(substr(b.bits, 3 + 4 * n, 4)::bit(4)::int), '' ORDER BY n)::uuid
  FROM (SELECT string_agg((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(right(p_id, 26), i, 1)) - 1)::bit(5)::text, '' ORDER BY i) AS bits
    FROM generate_series(1, 26) i) b, generate_series(0, 31) n
$$;

-- How much of a run of this caller's may be kept, by the policies that cover it now.
CREATE FUNCTION lookup.retention_of(p_org uuid, p_workspace uuid, p_principal text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE
    WHEN jsonb_path_exists(s.policies, '$[*].rules[*] ? (@.type == "retention" && @.content == "none")') THEN 'none'
    WHEN jsonb_path_exists(s.policies, '$[*].rules[*] ? (@.type == "retention" && @.content == "metadata")') THEN 'metadata'
    ELSE 'full' END
  FROM (SELECT lookup.state_policies(p_org, p_workspace,
      CASE WHEN p_principal ~ '^tok_[0-9a-z]{26}$' THEN lookup.uuid_of(p_principal) END) AS policies
    -- Asked once, though it is named twice above.
    OFFSET 0) s
$$;

-- The same for the transaction's own organization.
CREATE FUNCTION lookup.retention_now(p_workspace uuid, p_principal text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.retention_of(nullif(current_setting('app.org_id', true), '')::uuid, p_workspace, p_principal)
$$;

-- As in 0037. Of those that end here and of which not all may be kept, nothing is.
CREATE OR REPLACE FUNCTION lookup.sweep_lost_runs(p_silent_seconds integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH silent AS MATERIALIZED (
    SELECT r.org_id, r.id,
      CASE WHEN r.claimed_at IS NULL OR r.sent_at IS NOT NULL THEN 'outcome_unknown'
        WHEN r.cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE 'queued' END AS becomes,
      lookup.retention_of(r.org_id, r.workspace_id, r.principal_id) AS level
    FROM agent_runs r
    WHERE r.status = 'running' AND NOT EXISTS (
      SELECT 1 FROM engine_processes p
      WHERE p.id = r.engine_id AND p.heartbeat_at > clock_timestamp() - make_interval(secs => p_silent_seconds))
    FOR NO KEY UPDATE OF r),
  returned AS (
    UPDATE agent_runs r SET status = s.becomes, engine_id = NULL FROM silent s
    WHERE r.org_id = s.org_id AND r.id = s.id AND s.becomes = 'queued'),
  kept AS (
    UPDATE agent_runs r SET status = s.becomes, finished_at = clock_timestamp() FROM silent s
    WHERE r.org_id = s.org_id AND r.id = s.id AND s.becomes <> 'queued' AND s.level = 'full'
    RETURNING r.org_id, r.id, r.status),
  bare AS (
    UPDATE agent_runs r SET status = s.becomes, finished_at = clock_timestamp(), retention = s.level, result = NULL, tools = NULL
    FROM silent s
    WHERE r.org_id = s.org_id AND r.id = s.id AND s.becomes <> 'queued' AND s.level <> 'full'
    RETURNING r.org_id, r.id, r.status),
  ended AS (SELECT * FROM kept UNION ALL SELECT * FROM bare),
  asked AS (DELETE FROM run_requests q USING ended e WHERE q.org_id = e.org_id AND q.run_id = e.id),
  said AS (DELETE FROM run_events v USING bare b WHERE v.org_id = b.org_id AND v.run_id = b.id)
  SELECT count(*)::int FROM ended e WHERE e.status = 'outcome_unknown'
$$;

REVOKE EXECUTE ON FUNCTION lookup.uuid_of(text), lookup.retention_of(uuid, uuid, text), lookup.retention_now(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.retention_now(uuid, text) TO claviger_engine;

SET LOCAL ROLE claviger_owner;
