-- The worker's turns with webhooks (ADR 0033), and the end of them with their organization.

SET LOCAL ROLE claviger_lookup;

-- Messages for this process to send now. An attempt is counted as it is handed out, and its hold ends by itself: what a process had
-- when it died is handed out again. No endpoint and no organization has more than so many under way, whatever waits for it, so a slow
-- one makes only itself wait; of the others, whoever has the fewest under way comes first.
CREATE FUNCTION lookup.claim_deliveries(p_limit integer, p_per_webhook integer, p_per_org integer, p_hold_seconds integer)
RETURNS TABLE (org_id uuid, id uuid, webhook_id uuid, attempt integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  -- Two processes at once would both count below the limits.
  PERFORM pg_advisory_xact_lock(hashtextextended('claviger webhook turns', 0));
  RETURN QUERY
    WITH RECURSIVE waiting AS (
      (SELECT d.org_id, d.webhook_id FROM webhook_deliveries d WHERE d.state = 'pending' ORDER BY d.org_id, d.webhook_id LIMIT 1)
      UNION ALL
      SELECT n.org_id, n.webhook_id FROM waiting p CROSS JOIN LATERAL (
        SELECT d.org_id, d.webhook_id FROM webhook_deliveries d
        WHERE d.state = 'pending' AND (d.org_id, d.webhook_id) > (p.org_id, p.webhook_id)
        ORDER BY d.org_id, d.webhook_id LIMIT 1) n),
    endpoint AS (
      SELECT p.org_id, p.webhook_id, (
        SELECT count(*) FROM webhook_deliveries c
        WHERE c.org_id = p.org_id AND c.webhook_id = p.webhook_id AND c.claimed_until > clock_timestamp()) AS under_way
      FROM waiting p
      JOIN webhooks w ON w.org_id = p.org_id AND w.id = p.webhook_id AND w.enabled
      JOIN orgs o ON o.org_id = p.org_id),
    due AS (
      SELECT e.org_id, d.id, d.next_attempt_at,
        e.under_way + row_number() OVER (PARTITION BY e.org_id, e.webhook_id ORDER BY d.next_attempt_at, d.id) AS turn,
        (SELECT count(*) FROM webhook_deliveries c
         WHERE c.org_id = e.org_id AND c.claimed_until > clock_timestamp()) AS of_org
      FROM endpoint e CROSS JOIN LATERAL (
        SELECT x.id, x.next_attempt_at FROM webhook_deliveries x
        WHERE x.org_id = e.org_id AND x.webhook_id = e.webhook_id AND x.state = 'pending'
          AND x.next_attempt_at <= clock_timestamp() AND (x.claimed_until IS NULL OR x.claimed_until <= clock_timestamp())
        ORDER BY x.next_attempt_at LIMIT greatest(p_per_webhook - e.under_way, 0)) d),
    fair AS (
      SELECT d.*, d.of_org + row_number() OVER (PARTITION BY d.org_id ORDER BY d.turn, d.next_attempt_at) AS org_turn FROM due d),
    chosen AS (
      SELECT f.org_id, f.id FROM fair f WHERE f.org_turn <= p_per_org ORDER BY f.org_turn, f.next_attempt_at LIMIT p_limit)
    UPDATE webhook_deliveries d SET
      attempts = d.attempts + 1, round_attempts = d.round_attempts + 1,
      round_started_at = CASE WHEN d.round_attempts = 0 THEN clock_timestamp() ELSE d.round_started_at END,
      claimed_until = clock_timestamp() + make_interval(secs => p_hold_seconds)
    FROM chosen c WHERE d.org_id = c.org_id AND d.id = c.id
    RETURNING d.org_id, d.id, d.webhook_id, d.attempts;
END $$;

-- The signing secrets of a webhook of the transaction's own organization, sealed: the one in use, and the one before it while its
-- overlap lasts. Of this purpose alone: no other secret leaves by this way.
CREATE FUNCTION lookup.signing_secrets(p_webhook uuid, p_drain_seconds integer)
RETURNS TABLE (secret_id uuid, version integer, format smallint, kms_ref text, origins text[], wrapped_dek bytea, envelope bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.secret_id, v.version, v.format, v.kms_ref, v.origins, v.wrapped_dek, v.envelope
  FROM webhooks w
  JOIN secrets s ON s.org_id = w.org_id AND s.id = w.secret_id AND s.purpose = 'webhook'
  JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id
  WHERE w.org_id = nullif(current_setting('app.org_id', true), '')::uuid AND w.id = p_webhook AND (v.state = 'active'
    OR (v.state = 'draining' AND v.retired_at > clock_timestamp() - make_interval(secs => p_drain_seconds)))
  ORDER BY v.version DESC
$$;

-- What was delivered, or given up, is listed for 30 days.
CREATE FUNCTION lookup.sweep_deliveries(p_limit integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM webhook_deliveries d WHERE (d.org_id, d.id) IN (
      SELECT x.org_id, x.id FROM webhook_deliveries x WHERE x.created_at < clock_timestamp() - interval '30 days' LIMIT p_limit)
    RETURNING 1)
  SELECT count(*)::int FROM gone
$$;

REVOKE EXECUTE ON FUNCTION lookup.claim_deliveries(integer, integer, integer, integer), lookup.signing_secrets(uuid, integer),
  lookup.sweep_deliveries(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.claim_deliveries(integer, integer, integer, integer), lookup.signing_secrets(uuid, integer),
  lookup.sweep_deliveries(integer) TO claviger_worker;

-- As outbox_waiting, with when it happened: the relay writes that down with each message.
CREATE FUNCTION lookup.outbox_happened(p_limit integer)
RETURNS TABLE (org_id uuid, id uuid, topic text, ids jsonb, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.org_id, o.id, o.topic, o.ids, o.created_at FROM outbox_events o
  WHERE o.published_at IS NULL ORDER BY o.created_at, o.id LIMIT p_limit
$$;
REVOKE EXECUTE ON FUNCTION lookup.outbox_happened(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.outbox_happened(integer) TO claviger_worker;

-- As in 0040, with webhooks. One batch of the purge of the transaction's own organization, if it was deleted so long ago. Answers `more`, `done` (with
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

  -- Keys and secrets point at each other, and MCP servers at their secrets.
  UPDATE secrets SET owner_key_id = NULL WHERE org_id = tenant AND owner_key_id IS NOT NULL;
  FOREACH part SLICE 1 IN ARRAY ARRAY[
    ['run_requests', 'run_id'], ['run_events', 'run_id, first_id'],
    ['quota_holds', 'run_id, quota_id'], ['quota_reservations', 'run_id'], ['quota_counters', 'quota_id, window_start'],
    ['notices', 'id'], ['webhook_deliveries', 'id'], ['webhooks', 'id'], ['quotas', 'id'], ['price_overrides', 'id'],
    ['policy_approvals', 'id'], ['policy_versions', 'policy_id, version'], ['policy_violations', 'id'], ['policies', 'id'],
    ['assignments', 'workspace_id, provider_key_id'], ['workspace_grants', 'workspace_id, member_id'], ['tokens', 'id'],
    ['provider_gates', 'provider'], ['plan_counters', 'resource'], ['idempotency_keys', 'principal, route, key'],
    ['provider_keys', 'id'], ['mcp_assignments', 'workspace_id, mcp_server_id'], ['mcp_servers', 'id'],
    ['secret_versions', 'secret_id, version'], ['secrets', 'id'],
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
