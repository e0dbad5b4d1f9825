-- What the worker does with receipts: adds each of them up once, removes those that have had their time, and empties the sums of an
-- organization that was deleted long enough ago (ADR 0038).

SET LOCAL ROLE claviger_lookup;

-- Adds up to `p_limit` receipts to the sums of their days and minutes, and answers how many; one worker at a time. Marks and sums commit
-- together, so that whoever dies in between has added nothing. A receipt of unknown use may still give way to a true one for a day, and
-- is added on the third.
CREATE FUNCTION lookup.roll_up_usage(p_limit integer, p_minute_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  oldest timestamptz := clock_timestamp() - make_interval(days => p_minute_days);
  orgs uuid[];
  ids uuid[];
  months date[];
  month date;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('claviger usage roll-up', 0)) THEN
    RETURN 0;
  END IF;
  WITH taken AS (
    UPDATE usage_records u SET rolled_at = clock_timestamp()
    WHERE u.rolled_at IS NULL AND (u.org_id, u.id) IN (
      SELECT r.org_id, r.id FROM usage_records r
      WHERE r.rolled_at IS NULL AND (r.outcome <> 'unknown' OR r.created_at < clock_timestamp() - interval '2 days')
      LIMIT p_limit FOR UPDATE SKIP LOCKED)
    RETURNING u.org_id, u.id, u.created_at)
  SELECT array_agg(t.org_id), array_agg(t.id),
    array_agg(DISTINCT date_trunc('month', t.created_at, 'UTC')::date) FILTER (WHERE t.created_at >= oldest)
  INTO orgs, ids, months FROM taken t;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  FOREACH month IN ARRAY coalesce(months, '{}') LOOP
    PERFORM usage_minutes_month(month);
  END LOOP;
  WITH named AS (
    -- Of a deleted organization nothing that people or programs wrote.
    SELECT u.org_id, u.created_at, u.workspace_id, u.provider_key_id, u.provider, u.model, u.principal_id,
      CASE WHEN d.org_id IS NULL THEN u.user_id END AS user_id, CASE WHEN d.org_id IS NULL THEN u.workflow_id END AS workflow_id,
      u.outcome, u.input_tokens, u.output_tokens, u.cached_input_tokens, u.reasoning_tokens, u.cost_micro_usd
    FROM unnest(orgs, ids) AS t (org_id, id)
    JOIN usage_records u ON u.org_id = t.org_id AND u.id = t.id
    LEFT JOIN org_deletions d ON d.org_id = u.org_id),
  summed AS (
    SELECT n.org_id, date_trunc('minute', n.created_at, 'UTC') AS minute,
      sha256(convert_to(jsonb_build_array(n.workspace_id, n.provider_key_id, n.provider, n.model, n.principal_id, n.user_id,
        n.workflow_id)::text, 'UTF8')) AS series,
      n.workspace_id, n.provider_key_id, n.provider, n.model, n.principal_id, n.user_id, n.workflow_id,
      count(*) AS calls, count(*) FILTER (WHERE n.outcome <> 'ok') AS failed_calls,
      sum(n.input_tokens) AS input_tokens, sum(n.output_tokens) AS output_tokens,
      sum(n.cached_input_tokens) AS cached_input_tokens, sum(n.reasoning_tokens) AS reasoning_tokens,
      coalesce(sum(n.cost_micro_usd), 0)::bigint AS cost_micro_usd,
      count(*) FILTER (WHERE n.cost_micro_usd IS NULL) AS unpriced_calls
    FROM named n GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
  minutes AS (
    INSERT INTO usage_minutes AS m
    SELECT s.* FROM summed s WHERE s.minute >= oldest ORDER BY s.org_id, s.minute, s.series
    ON CONFLICT (org_id, minute, series) DO UPDATE SET
      calls = m.calls + excluded.calls, failed_calls = m.failed_calls + excluded.failed_calls,
      input_tokens = m.input_tokens + excluded.input_tokens, output_tokens = m.output_tokens + excluded.output_tokens,
      cached_input_tokens = m.cached_input_tokens + excluded.cached_input_tokens,
      reasoning_tokens = m.reasoning_tokens + excluded.reasoning_tokens,
      cost_micro_usd = m.cost_micro_usd + excluded.cost_micro_usd, unpriced_calls = m.unpriced_calls + excluded.unpriced_calls)
  INSERT INTO usage_days AS d
  SELECT s.org_id, (s.minute AT TIME ZONE 'UTC')::date AS day, s.series, s.workspace_id, s.provider_key_id, s.provider, s.model,
    s.principal_id, s.user_id, s.workflow_id, sum(s.calls), sum(s.failed_calls), sum(s.input_tokens), sum(s.output_tokens),
    sum(s.cached_input_tokens), sum(s.reasoning_tokens), sum(s.cost_micro_usd), sum(s.unpriced_calls)
  FROM summed s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3
  ON CONFLICT (org_id, day, series) DO UPDATE SET
    calls = d.calls + excluded.calls, failed_calls = d.failed_calls + excluded.failed_calls,
    input_tokens = d.input_tokens + excluded.input_tokens, output_tokens = d.output_tokens + excluded.output_tokens,
    cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
    reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
    cost_micro_usd = d.cost_micro_usd + excluded.cost_micro_usd, unpriced_calls = d.unpriced_calls + excluded.unpriced_calls;
  RETURN cardinality(ids);
END $$;

-- Removes up to `p_limit` receipts that are in the sums and older than their organization's plan shows, or where it shows all, than
-- `p_days`; null: none of those. Never one of the last 35 days: the quotas of a month are checked against it.
CREATE FUNCTION lookup.retire_receipts(p_days integer, p_limit integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH kept AS MATERIALIZED (
    SELECT o.org_id, coalesce(lookup.plan_limit(o.org_id, 'historyDays'), p_days) AS days FROM orgs o
    UNION ALL
    SELECT d.org_id, p_days FROM org_deletions d WHERE d.purged_at IS NOT NULL),
  gone AS (
    DELETE FROM usage_records u WHERE (u.org_id, u.id) IN (
      SELECT r.org_id, r.id FROM kept k JOIN usage_records r ON r.org_id = k.org_id
      WHERE k.days IS NOT NULL AND r.rolled_at IS NOT NULL
        AND r.created_at < ((clock_timestamp() AT TIME ZONE 'UTC')::date + 1 - greatest(k.days, 35))::timestamp AT TIME ZONE 'UTC'
      LIMIT p_limit)
    RETURNING 1)
  SELECT count(*)::int FROM gone
$$;

-- One batch of the sums of the transaction's own organization, if it was deleted so long ago: minutes go, days stay as books without what
-- people and programs wrote into them. Answers whether there may be more.
CREATE FUNCTION lookup.purge_usage(p_older_than_seconds integer, p_limit integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.org_id', true), '')::uuid;
BEGIN
  PERFORM 1 FROM org_deletions d
  WHERE d.org_id = tenant AND d.purged_at IS NULL
    AND d.deleted_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM usage_minutes m WHERE m.org_id = tenant AND (m.minute, m.series) IN (
    SELECT i.minute, i.series FROM usage_minutes i WHERE i.org_id = tenant LIMIT p_limit);
  IF FOUND THEN
    RETURN true;
  END IF;
  -- The name of a series is made of them too.
  UPDATE usage_days d SET user_id = NULL, workflow_id = NULL, series = sha256(uuid_send(gen_random_uuid()))
  WHERE d.org_id = tenant AND (d.day, d.series) IN (
    SELECT i.day, i.series FROM usage_days i
    WHERE i.org_id = tenant AND (i.user_id IS NOT NULL OR i.workflow_id IS NOT NULL) LIMIT p_limit);
  RETURN FOUND;
END $$;

REVOKE EXECUTE ON FUNCTION lookup.roll_up_usage(integer, integer), lookup.retire_receipts(integer, integer),
  lookup.purge_usage(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.roll_up_usage(integer, integer), lookup.retire_receipts(integer, integer),
  lookup.purge_usage(integer, integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
