-- Audit chain, outbox and the worker's jobs over tenants.

SET LOCAL ROLE claviger_lookup;

-- A field of a hashed record: its length in bytes, then the bytes; -1 for null, so that null and '' differ.
CREATE FUNCTION lookup.framed(p_value text) RETURNS bytea
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT CASE WHEN p_value IS NULL THEN int4send(-1)
    ELSE int4send(octet_length(convert_to(p_value, 'UTF8'))) || convert_to(p_value, 'UTF8') END
$$;

-- hash = SHA-256(prev ‖ seq ‖ framed fields), CUSTODY §9. libs/persistence computes the same over what it reads.
CREATE FUNCTION lookup.audit_hash(p_prev bytea, p_event audit_events) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT sha256(p_prev || int8send(p_event.seq)
    || lookup.framed(p_event.org_id::text) || lookup.framed(p_event.id::text)
    || int8send((extract(epoch FROM p_event.at) * 1000000)::bigint)
    || lookup.framed(p_event.actor) || lookup.framed(p_event.action) || lookup.framed(p_event.target)
    || lookup.framed(p_event.request_id) || lookup.framed(p_event.ip) || lookup.framed(p_event.change::text))
$$;

-- The only writer of the log. Bound to the transaction's own tenant; answers the new sequence number.
CREATE FUNCTION lookup.audit_append(
  p_id uuid, p_actor text, p_action text, p_target text, p_request_id text, p_ip text, p_change jsonb
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  head audit_heads;
  event audit_events;
BEGIN
  IF tenant IS NULL THEN
    RAISE EXCEPTION 'audit_append outside a tenant transaction' USING ERRCODE = '42501';
  END IF;
  INSERT INTO audit_heads (org_id, seq, hash) VALUES (tenant, 0, decode(repeat('00', 32), 'hex'))
  ON CONFLICT (org_id) DO NOTHING;
  SELECT * INTO STRICT head FROM audit_heads WHERE org_id = tenant FOR UPDATE;
  event := ROW(tenant, head.seq + 1, p_id, clock_timestamp(), p_actor, p_action, p_target, p_request_id, p_ip,
               p_change, NULL)::audit_events;
  event.hash := lookup.audit_hash(head.hash, event);
  INSERT INTO audit_events SELECT event.*;
  UPDATE audit_heads SET seq = event.seq, hash = event.hash WHERE org_id = tenant;
  RETURN event.seq;
END $$;

-- ── outbox relay ────────────────────────────────────────────────────────────

-- The oldest events that are not on the queue yet. Two relays may read the same ones: a job's id is the event's, so
-- the queue takes the second as a repetition.
CREATE FUNCTION lookup.outbox_waiting(p_limit integer) RETURNS TABLE (org_id uuid, id uuid, topic text, ids jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.org_id, o.id, o.topic, o.ids FROM outbox_events o
  WHERE o.published_at IS NULL ORDER BY o.created_at, o.id LIMIT p_limit
$$;

CREATE FUNCTION lookup.outbox_mark(p_ids uuid[]) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH marked AS (
    UPDATE outbox_events SET published_at = clock_timestamp()
    WHERE published_at IS NULL AND id = ANY (p_ids) RETURNING 1)
  SELECT count(*)::int FROM marked
$$;

-- ── roll-up, retention, shredding ───────────────────────────────────────────

-- Recomputes whole days (UTC), so that running it again changes nothing.
CREATE FUNCTION lookup.rollup_usage(p_from date, p_to date) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH changed AS (
    INSERT INTO usage_daily AS d
      (org_id, day, workspace_id, provider_key_id, model, calls, input_tokens, output_tokens, cost_micro_usd)
    SELECT u.org_id, (u.created_at AT TIME ZONE 'UTC')::date, u.workspace_id, u.provider_key_id, u.model, count(*),
           sum(u.input_tokens), sum(u.output_tokens), coalesce(sum(u.cost_micro_usd), 0)
    FROM usage_records u
    WHERE u.created_at >= p_from::timestamp AT TIME ZONE 'UTC'
      AND u.created_at < (p_to + 1)::timestamp AT TIME ZONE 'UTC'
    GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (org_id, day, workspace_id, provider_key_id, model) DO UPDATE SET
      calls = excluded.calls, input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
      cost_micro_usd = excluded.cost_micro_usd
    WHERE (d.calls, d.input_tokens, d.output_tokens, d.cost_micro_usd)
      IS DISTINCT FROM (excluded.calls, excluded.input_tokens, excluded.output_tokens, excluded.cost_micro_usd)
    RETURNING 1)
  SELECT count(*)::int FROM changed
$$;

CREATE FUNCTION lookup.sweep_expired() RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH s AS (DELETE FROM sessions WHERE expires_at <= clock_timestamp() RETURNING 1),
    i AS (DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - interval '24 hours' RETURNING 1),
    t AS (DELETE FROM auth_throttle WHERE window_start < clock_timestamp() - interval '1 day' RETURNING 1),
    o AS (DELETE FROM outbox_events WHERE published_at < clock_timestamp() - interval '7 days' RETURNING 1)
  SELECT jsonb_build_object(
    'sessions', (SELECT count(*) FROM s), 'idempotencyKeys', (SELECT count(*) FROM i),
    'throttles', (SELECT count(*) FROM t), 'outboxEvents', (SELECT count(*) FROM o))
$$;

-- Which drained versions are due. The worker erases each in its own tenant's transaction, with the audit row.
CREATE FUNCTION lookup.due_shreds(p_older_than_seconds integer, p_limit integer)
RETURNS TABLE (org_id uuid, secret_id uuid, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.org_id, v.secret_id, v.version FROM secret_versions v
  WHERE v.state = 'draining' AND v.retired_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  ORDER BY v.retired_at LIMIT p_limit
$$;

-- ── platform switches ───────────────────────────────────────────────────────

CREATE FUNCTION lookup.set_kill_switch(p_enabled boolean, p_reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO platform_settings (key, value)
  VALUES ('kill_switch', jsonb_build_object('enabled', p_enabled, 'reason', p_reason))
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = clock_timestamp()
$$;

SET LOCAL ROLE claviger_owner;

-- The owner itself is kept from rewriting history; grants keep everybody else.
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER head_stays BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER heads_stay BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
