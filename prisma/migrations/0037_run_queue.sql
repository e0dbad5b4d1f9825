-- Runs that wait for their turn (PRODUCT #37, #38): the row of the run is the queue. A claim counts `fence` up; only the holder of
-- the newest one may send, and only after `sent_at` is committed. What a queued run was asked is kept beside it until it is over.

ALTER TABLE agent_runs
  ADD COLUMN fence integer NOT NULL DEFAULT 0,
  ADD COLUMN queued_at timestamptz(6),
  ADD COLUMN not_before timestamptz(6),
  ADD COLUMN claimed_at timestamptz(6),
  ADD COLUMN sent_at timestamptz(6),
  ADD COLUMN cancel_requested_at timestamptz(6),
  ADD COLUMN listened_at timestamptz(6),
  ADD COLUMN waits_until timestamptz(6);

CREATE INDEX agent_runs_queued ON agent_runs (org_id, workspace_id, id) WHERE status = 'queued';
CREATE INDEX agent_runs_claimed ON agent_runs (org_id, workspace_id) WHERE status = 'running' AND claimed_at IS NOT NULL;
CREATE INDEX agent_runs_turns ON agent_runs (org_id, workspace_id, claimed_at) WHERE claimed_at IS NOT NULL;
CREATE INDEX agent_runs_paused ON agent_runs (waits_until) WHERE status = 'requires_action';

-- What a run that is queued or paused needs to go on, in the clear: made only where all of a run may be kept, gone with its end.
CREATE TABLE run_requests (
  org_id          uuid NOT NULL,
  run_id          uuid NOT NULL,
  principal_kind  text NOT NULL CHECK (principal_kind IN ('token', 'session')),
  -- The hash that the caller's rights are looked up by, again, before the run begins.
  principal_hash  bytea NOT NULL,
  -- JSON as text: what a prompt or a model said may hold what jsonb refuses.
  request         text NOT NULL,
  PRIMARY KEY (org_id, run_id),
  FOREIGN KEY (org_id, run_id) REFERENCES agent_runs (org_id, id) ON DELETE CASCADE
);

-- What a run said, in batches, for a listener who comes back or asks another process. Only where all of a run may be kept.
CREATE TABLE run_events (
  org_id   uuid NOT NULL,
  run_id   uuid NOT NULL,
  first_id integer NOT NULL,
  last_id  integer NOT NULL,
  events   text NOT NULL,
  PRIMARY KEY (org_id, run_id, first_id),
  FOREIGN KEY (org_id, run_id) REFERENCES agent_runs (org_id, id) ON DELETE CASCADE
);

ALTER TABLE run_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_requests
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON run_requests FOR SELECT TO claviger_lookup USING (true);
CREATE POLICY lookup_sweep ON run_requests FOR DELETE TO claviger_lookup USING (true);
ALTER TABLE run_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON run_events
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON run_events FOR SELECT TO claviger_lookup USING (true);
CREATE POLICY lookup_sweep ON run_events FOR DELETE TO claviger_lookup USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON run_requests TO claviger_engine;
GRANT SELECT, INSERT ON run_events TO claviger_engine;
-- For the organization's own export.
GRANT SELECT ON run_requests, run_events TO claviger_api;
GRANT SELECT (org_id, run_id), DELETE ON run_requests TO claviger_lookup;
GRANT SELECT (org_id, run_id, first_id), DELETE ON run_events TO claviger_lookup;

-- The dispatcher goes over tenants, and can do these things to a run: give it a turn, and give it back.
CREATE POLICY lookup_queue ON agent_runs FOR SELECT TO claviger_lookup USING (status IN ('queued', 'requires_action', 'cancelled'));
CREATE POLICY lookup_ended ON agent_runs FOR SELECT TO claviger_lookup USING (finished_at IS NOT NULL);
CREATE POLICY lookup_claim ON agent_runs FOR UPDATE TO claviger_lookup
  USING (status = 'queued') WITH CHECK (status = 'running');
CREATE POLICY lookup_give_back ON agent_runs FOR UPDATE TO claviger_lookup
  USING (status = 'running' AND claimed_at IS NOT NULL AND sent_at IS NULL) WITH CHECK (status IN ('queued', 'cancelled'));
GRANT SELECT (workspace_id, fence, queued_at, not_before, claimed_at, sent_at, cancel_requested_at, waits_until, finished_at),
  UPDATE (engine_id, fence, not_before, claimed_at) ON agent_runs TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- One run for this engine process, or no row. The organization with the fewest runs under way comes first, and of its workspaces
-- the one whose last turn is longest ago: a long queue makes nobody else wait. No workspace has more than so many at once.
CREATE FUNCTION lookup.claim_run(p_engine uuid, p_per_workspace integer)
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

-- The runs of a process that somebody asked to stop.
CREATE FUNCTION lookup.runs_to_cancel(p_engine uuid) RETURNS TABLE (run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.id FROM agent_runs r
  WHERE r.engine_id = p_engine AND r.status = 'running' AND r.cancel_requested_at IS NOT NULL
$$;

-- Claims of a process of which nothing can have left: it looks for those that it knows nothing of, since the answer to a claim may
-- be lost on its way.
CREATE FUNCTION lookup.unmarked_claims(p_engine uuid, p_older_than_seconds integer)
RETURNS TABLE (org_id uuid, run_id uuid, workspace_id uuid, fence integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.org_id, r.id, r.workspace_id, r.fence FROM agent_runs r
  WHERE r.engine_id = p_engine AND r.status = 'running' AND r.sent_at IS NULL
    AND r.claimed_at < clock_timestamp() - make_interval(secs => p_older_than_seconds)
$$;

-- Runs that wait for their caller longer than they may; each is ended in its own tenant's transaction.
CREATE FUNCTION lookup.expired_pauses(p_limit integer) RETURNS TABLE (org_id uuid, run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.org_id, r.id FROM agent_runs r
  WHERE r.status = 'requires_action' AND r.waits_until <= clock_timestamp() ORDER BY r.waits_until LIMIT p_limit
$$;

-- Gives up the runs of processes that have not been heard of for so long, and answers how many. A claimed run of which nothing
-- can have left, as its mark was never set, goes back to the queue instead: another process takes it.
CREATE OR REPLACE FUNCTION lookup.sweep_lost_runs(p_silent_seconds integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH lost AS (
    UPDATE agent_runs r SET
      status = CASE WHEN r.claimed_at IS NULL OR r.sent_at IS NOT NULL THEN 'outcome_unknown'
        WHEN r.cancel_requested_at IS NOT NULL THEN 'cancelled' ELSE 'queued' END,
      engine_id = CASE WHEN r.claimed_at IS NULL OR r.sent_at IS NOT NULL OR r.cancel_requested_at IS NOT NULL THEN r.engine_id END,
      finished_at = CASE WHEN r.claimed_at IS NULL OR r.sent_at IS NOT NULL OR r.cancel_requested_at IS NOT NULL
        THEN clock_timestamp() END
    WHERE r.status = 'running' AND NOT EXISTS (
      SELECT 1 FROM engine_processes p
      WHERE p.id = r.engine_id AND p.heartbeat_at > clock_timestamp() - make_interval(secs => p_silent_seconds))
    RETURNING r.org_id, r.id, r.status),
  gone AS (
    DELETE FROM run_requests q USING lost l WHERE q.org_id = l.org_id AND q.run_id = l.id AND l.status <> 'queued')
  SELECT count(*)::int FROM lost l WHERE l.status = 'outcome_unknown'
$$;

-- What runs leave behind: events a day after the end, and requests that were not removed with it.
CREATE FUNCTION lookup.sweep_run_remains(p_limit integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH said AS (
    DELETE FROM run_events e WHERE (e.org_id, e.run_id, e.first_id) IN (
      SELECT x.org_id, x.run_id, x.first_id FROM run_events x
      JOIN agent_runs r ON r.org_id = x.org_id AND r.id = x.run_id
      WHERE r.finished_at < clock_timestamp() - interval '1 day' LIMIT p_limit)
    RETURNING 1),
  asked AS (
    DELETE FROM run_requests q USING agent_runs r
    WHERE r.org_id = q.org_id AND r.id = q.run_id AND r.finished_at < clock_timestamp() - interval '1 minute'
    RETURNING 1)
  SELECT (SELECT count(*) FROM said)::int + (SELECT count(*) FROM asked)::int
$$;

REVOKE EXECUTE ON FUNCTION lookup.claim_run(uuid, integer), lookup.runs_to_cancel(uuid),
  lookup.unmarked_claims(uuid, integer), lookup.expired_pauses(integer), lookup.sweep_run_remains(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.claim_run(uuid, integer), lookup.runs_to_cancel(uuid),
  lookup.unmarked_claims(uuid, integer), lookup.expired_pauses(integer)
  TO claviger_engine;
GRANT EXECUTE ON FUNCTION lookup.sweep_run_remains(integer) TO claviger_worker;

-- One batch of the purge of the transaction's own organization, if it was deleted so long ago. Answers `more`, `done` (with
-- this batch) or `none`: nothing is due here, or another worker is at it. Where it stopped, the rows themselves say.
CREATE OR REPLACE FUNCTION lookup.purge_org(p_older_than_seconds integer, p_limit integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  part text[];
  touched integer;
BEGIN
  PERFORM 1 FROM org_deletions d
  WHERE d.org_id = tenant AND d.purged_at IS NULL
    AND d.deleted_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 'none';
  END IF;

  -- Runs and receipts stay as the books of who ran the installation; what people and programs wrote into them goes.
  UPDATE agent_runs r SET node_execution_id = r.id::text, request_hash = '', result = NULL, error = NULL, user_id = NULL,
    workflow_id = NULL, workflow_version = NULL, surface = NULL, tools = NULL
  WHERE r.org_id = tenant AND r.id IN (
    SELECT i.id FROM agent_runs i WHERE i.org_id = tenant AND i.node_execution_id <> i.id::text LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;
  UPDATE usage_records u SET user_id = NULL, workflow_id = NULL
  WHERE u.org_id = tenant AND u.id IN (
    SELECT i.id FROM usage_records i
    WHERE i.org_id = tenant AND (i.user_id IS NOT NULL OR i.workflow_id IS NOT NULL) LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;

  -- Keys and secrets point at each other.
  UPDATE secrets SET owner_key_id = NULL WHERE org_id = tenant AND owner_key_id IS NOT NULL;
  FOREACH part SLICE 1 IN ARRAY ARRAY[
    ['run_requests', 'run_id'], ['run_events', 'run_id, first_id'],
    ['quota_holds', 'run_id, quota_id'], ['quota_reservations', 'run_id'], ['quota_counters', 'quota_id, window_start'],
    ['notices', 'id'], ['quotas', 'id'], ['price_overrides', 'id'],
    ['policy_approvals', 'id'], ['policy_versions', 'policy_id, version'], ['policy_violations', 'id'], ['policies', 'id'],
    ['assignments', 'workspace_id, provider_key_id'], ['workspace_grants', 'workspace_id, member_id'], ['tokens', 'id'],
    ['provider_gates', 'provider'], ['plan_counters', 'resource'], ['idempotency_keys', 'principal, route, key'],
    ['provider_keys', 'id'], ['secret_versions', 'secret_id, version'], ['secrets', 'id'],
    ['workspaces', 'id'], ['members', 'id'], ['invites', 'id'], ['outbox_events', 'id']
  ] LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE org_id = $1 AND (%2$s) IN (SELECT %2$s FROM %1$I WHERE org_id = $1 LIMIT $2)',
      part[1], part[2]) USING tenant, p_limit;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN
      RETURN 'more';
    END IF;
  END LOOP;

  DELETE FROM orgs WHERE org_id = tenant;
  UPDATE org_deletions SET purged_at = clock_timestamp() WHERE org_id = tenant;
  RETURN 'done';
END $$;

SET LOCAL ROLE claviger_owner;
