-- Alerts of quotas and budgets as notices (PRODUCT #53), what is left of old windows, and the end of all of it with the
-- organization.

ALTER TABLE notices ALTER COLUMN provider_key_id DROP NOT NULL,
  ADD COLUMN quota_id uuid, ADD COLUMN threshold integer, ADD COLUMN quota_max bigint, ADD COLUMN window_start timestamptz(6);
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check
  CHECK (kind IN ('aiProvider.expiring', 'aiProvider.expired', 'aiProvider.failing', 'quota.threshold'));
ALTER TABLE notices ADD CONSTRAINT notices_one_subject CHECK (
  num_nonnulls(provider_key_id, quota_id) <= 1 AND (kind = 'quota.threshold') = (quota_id IS NOT NULL)
  AND num_nonnulls(quota_id, threshold, quota_max, window_start) IN (0, 4));
ALTER TABLE notices ADD FOREIGN KEY (org_id, quota_id) REFERENCES quotas (org_id, id) ON DELETE CASCADE;
-- Once in a window for each threshold, and again only when the limit was raised since.
CREATE UNIQUE INDEX notices_quota ON notices (org_id, quota_id, window_start, threshold, quota_max);

GRANT SELECT (quota_id, threshold, quota_max, window_start) ON notices TO claviger_lookup;
GRANT SELECT (org_id, id, name, metric, period, max, thresholds) ON quotas TO claviger_worker;
GRANT SELECT (thresholds) ON quotas TO claviger_lookup;
GRANT SELECT (window_start, reserved, settled, refused_at) ON quota_counters TO claviger_lookup;
GRANT DELETE ON quotas, quota_counters, quota_reservations, quota_holds, price_overrides TO claviger_lookup;

-- Work over tenants: what is over for good.
CREATE POLICY lookup_sweep ON quota_counters FOR DELETE TO claviger_lookup
  USING (reserved = 0 AND window_start < clock_timestamp() - interval '8 days');
CREATE POLICY lookup_sweep ON quota_reservations FOR DELETE TO claviger_lookup
  USING (charged_at < clock_timestamp() - interval '1 day');

SET LOCAL ROLE claviger_lookup;

-- The windows of now in which a threshold is reached of which nobody was told: for each quota the highest. One that refused a
-- call for want of room is at its end, whatever is reserved and comes back.
CREATE FUNCTION lookup.due_quota_alerts(p_limit integer)
RETURNS TABLE (org_id uuid, quota_id uuid, window_start timestamptz, threshold integer, quota_max bigint, used bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT q.org_id, q.id, c.window_start, t.reached, q.max, c.settled
  FROM quotas q
  JOIN quota_counters c ON c.org_id = q.org_id AND c.quota_id = q.id AND c.window_start = date_trunc(q.period, now(), 'UTC')
  JOIN orgs o ON o.org_id = q.org_id
  CROSS JOIN LATERAL (
    SELECT max(p) AS reached FROM unnest(q.thresholds) AS p
    WHERE c.settled::numeric * 100 >= p::numeric * q.max OR c.refused_at IS NOT NULL) t
  WHERE t.reached IS NOT NULL AND (c.settled > 0 OR c.refused_at IS NOT NULL) AND NOT EXISTS (
    SELECT 1 FROM notices n
    WHERE n.org_id = q.org_id AND n.quota_id = q.id AND n.window_start = c.window_start
      AND n.threshold >= t.reached AND n.quota_max >= q.max)
  ORDER BY q.org_id, q.id LIMIT p_limit
$$;

-- Windows of minutes and hours that nobody looks at any more, those of days and months after a year and more, and charged
-- reservations whose end cannot come any more.
CREATE FUNCTION lookup.sweep_quotas() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM quota_counters c USING quotas q
    WHERE q.org_id = c.org_id AND q.id = c.quota_id AND c.reserved = 0 AND c.window_start < clock_timestamp() -
      CASE WHEN q.period IN ('minute', 'hour') THEN interval '8 days' ELSE interval '400 days' END
    RETURNING 1),
  charged AS (
    DELETE FROM quota_reservations r WHERE r.charged_at < clock_timestamp() - interval '1 day' RETURNING 1)
  SELECT (SELECT count(*) FROM gone)::int + (SELECT count(*) FROM charged)::int
$$;

REVOKE EXECUTE ON FUNCTION lookup.due_quota_alerts(integer), lookup.sweep_quotas() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.due_quota_alerts(integer), lookup.sweep_quotas() TO claviger_worker;

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
