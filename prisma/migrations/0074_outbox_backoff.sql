-- An event that cannot be published is tried again later, ever less often; those behind it do not wait for it.

ALTER TABLE outbox_events ADD COLUMN attempts integer NOT NULL DEFAULT 0, ADD COLUMN not_before timestamptz(6);
GRANT UPDATE (attempts, not_before) ON outbox_events TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- As in 0062, without those whose next attempt is not due.
CREATE OR REPLACE FUNCTION lookup.outbox_happened(p_limit integer)
RETURNS TABLE (org_id uuid, id uuid, topic text, ids jsonb, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.org_id, o.id, o.topic, o.ids, o.created_at FROM outbox_events o
  WHERE o.published_at IS NULL AND (o.not_before IS NULL OR o.not_before <= clock_timestamp())
  ORDER BY o.created_at, o.id LIMIT p_limit
$$;

-- One attempt at an event has failed: the next one is due after 1, 2, 4 … seconds, at most 5 minutes. Answers how many have failed.
CREATE FUNCTION lookup.outbox_defer(p_id uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE outbox_events o SET attempts = o.attempts + 1,
    not_before = clock_timestamp() + make_interval(secs => least(300, 2 ^ least(o.attempts, 9)))
  WHERE o.id = p_id AND o.published_at IS NULL
  RETURNING o.attempts
$$;

-- How many events wait after an attempt that failed: a count over all tenants, and no word of whose they are.
CREATE FUNCTION lookup.outbox_failing() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT count(*)::int FROM outbox_events o WHERE o.published_at IS NULL AND o.attempts > 0
$$;

REVOKE EXECUTE ON FUNCTION lookup.outbox_defer(uuid), lookup.outbox_failing() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.outbox_defer(uuid), lookup.outbox_failing() TO claviger_worker;

SET LOCAL ROLE claviger_owner;
