-- Usage by day and by minute, added up once per receipt (PRODUCT #52, ADR 0038). What is grouped by is a series: who called with what,
-- where, for whom. A receipt that is in the sums carries the time at which it was added, set in the transaction that added it, so that
-- receipts without it are exactly the rest. `usage_daily` stays for workers of the release before; nobody reads it any more.

ALTER TABLE usage_records ADD COLUMN rolled_at timestamptz(6);
CREATE INDEX usage_records_unrolled ON usage_records (org_id, created_at) WHERE rolled_at IS NULL;

CREATE TABLE usage_days (
  org_id              uuid NOT NULL,
  day                 date NOT NULL,
  -- SHA-256 of what is grouped by: some of it may be null, which no primary key takes.
  series              bytea NOT NULL,
  workspace_id        uuid NOT NULL,
  provider_key_id     uuid NOT NULL,
  provider            text NOT NULL,
  model               text NOT NULL,
  principal_id        text NOT NULL,
  user_id             text,
  workflow_id         text,
  calls               bigint NOT NULL,
  failed_calls        bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  reasoning_tokens    bigint NOT NULL,
  -- Of the calls whose price is known.
  cost_micro_usd      bigint NOT NULL,
  unpriced_calls      bigint NOT NULL,
  PRIMARY KEY (org_id, day, series)
);

-- Kept for a while only: a month goes as a whole.
CREATE TABLE usage_minutes (
  org_id              uuid NOT NULL,
  minute              timestamptz(6) NOT NULL,
  series              bytea NOT NULL,
  workspace_id        uuid NOT NULL,
  provider_key_id     uuid NOT NULL,
  provider            text NOT NULL,
  model               text NOT NULL,
  principal_id        text NOT NULL,
  user_id             text,
  workflow_id         text,
  calls               bigint NOT NULL,
  failed_calls        bigint NOT NULL,
  input_tokens        bigint NOT NULL,
  output_tokens       bigint NOT NULL,
  cached_input_tokens bigint NOT NULL,
  reasoning_tokens    bigint NOT NULL,
  cost_micro_usd      bigint NOT NULL,
  unpriced_calls      bigint NOT NULL,
  PRIMARY KEY (org_id, minute, series)
) PARTITION BY RANGE (minute);

ALTER TABLE usage_days ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_days FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usage_days
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON usage_days FOR SELECT TO claviger_lookup USING (true);
CREATE POLICY lookup_add ON usage_days FOR INSERT TO claviger_lookup WITH CHECK (true);
CREATE POLICY lookup_sum ON usage_days FOR UPDATE TO claviger_lookup USING (true) WITH CHECK (true);
ALTER TABLE usage_minutes ENABLE ROW LEVEL SECURITY;
ALTER TABLE usage_minutes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usage_minutes
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON usage_minutes FOR SELECT TO claviger_lookup USING (true);
CREATE POLICY lookup_add ON usage_minutes FOR INSERT TO claviger_lookup WITH CHECK (true);
CREATE POLICY lookup_sum ON usage_minutes FOR UPDATE TO claviger_lookup USING (true) WITH CHECK (true);
-- A receipt is added once, and goes only after that.
CREATE POLICY lookup_roll ON usage_records FOR UPDATE TO claviger_lookup
  USING (rolled_at IS NULL) WITH CHECK (rolled_at IS NOT NULL);
CREATE POLICY lookup_retire ON usage_records FOR DELETE TO claviger_lookup USING (rolled_at IS NOT NULL);

GRANT SELECT ON usage_days, usage_minutes TO claviger_api;
GRANT SELECT, INSERT, UPDATE ON usage_days TO claviger_lookup;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_minutes TO claviger_lookup;
GRANT SELECT (provider, principal_id, cached_input_tokens, reasoning_tokens, rolled_at), UPDATE (rolled_at)
  ON usage_records TO claviger_lookup;

-- The part of `usage_minutes` that holds a month. Nobody is granted anything on it: whoever reads goes through the whole, and its wall
-- is the same. Attached, not created as a part: that would keep readers of the whole waiting.
CREATE FUNCTION usage_minutes_month(p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  first date := date_trunc('month', p_month::timestamp)::date;
  part text := 'usage_minutes_' || to_char(first, 'YYYYMM');
BEGIN
  IF to_regclass('public.' || part) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format('CREATE TABLE public.%I (LIKE public.usage_minutes INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', part);
  EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
  EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
  EXECUTE format(
    $policy$CREATE POLICY tenant ON public.%I
      USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
      WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid)$policy$, part);
  EXECUTE format('ALTER TABLE public.usage_minutes ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', part,
    first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
END $$;

-- Drops the months that were over so many days ago, and answers how many. The whole is locked for it: it gives way at once to whoever
-- is reading, and is tried again later.
CREATE FUNCTION usage_minutes_forget(p_days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  part text;
  dropped integer := 0;
BEGIN
  SET LOCAL lock_timeout = '400ms';
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.usage_minutes'::regclass
      AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month'
        <= (clock_timestamp() AT TIME ZONE 'UTC') - make_interval(days => greatest(p_days, 1))
    ORDER BY 1
  LOOP
    EXECUTE format('DROP TABLE public.%I', part);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

REVOKE EXECUTE ON FUNCTION usage_minutes_month(date), usage_minutes_forget(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION usage_minutes_month(date) TO claviger_lookup;
GRANT EXECUTE ON FUNCTION usage_minutes_forget(integer) TO claviger_worker;
