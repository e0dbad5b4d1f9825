-- Quotas and budgets (PRODUCT #45, ADR 0027): a cap on what is used within a window of the calendar (UTC), by reservation and
-- settlement (CUSTODY §10). A budget is a quota of micro-USD.

CREATE TABLE quotas (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  name            text NOT NULL,
  -- At most one of these; none: the whole organization.
  workspace_id    uuid,
  token_id        uuid,
  provider_key_id uuid,
  metric          text NOT NULL CHECK (metric IN ('runs', 'input_tokens', 'output_tokens', 'total_tokens', 'cost_micro_usd')),
  -- The fields of date_trunc: a window begins where the calendar says.
  period          text NOT NULL CHECK (period IN ('minute', 'hour', 'day', 'month')),
  max             bigint NOT NULL CHECK (max BETWEEN 0 AND 9007199254740991),
  mode            text NOT NULL CHECK (mode IN ('enforce', 'monitor')),
  -- Per cent of `max` at which OWNERs and ADMINs are told.
  thresholds      integer[] NOT NULL,
  revision        integer NOT NULL DEFAULT 1,
  created_at      timestamptz(6) NOT NULL DEFAULT now(),
  updated_at      timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name),
  CHECK (num_nonnulls(workspace_id, token_id, provider_key_id) <= 1),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, token_id) REFERENCES tokens (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, provider_key_id) REFERENCES provider_keys (org_id, id) ON DELETE CASCADE
);
CREATE INDEX quotas_workspace ON quotas (org_id, workspace_id);
CREATE INDEX quotas_token ON quotas (org_id, token_id);
CREATE INDEX quotas_key ON quotas (org_id, provider_key_id);

-- One row for a quota's window. For an enforced quota reserved + settled <= max whenever something is reserved; what a vendor
-- reports beyond what it was asked for is settled all the same.
CREATE TABLE quota_counters (
  org_id       uuid NOT NULL,
  quota_id     uuid NOT NULL,
  window_start timestamptz(6) NOT NULL,
  reserved     bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  settled      bigint NOT NULL DEFAULT 0 CHECK (settled >= 0),
  -- When a call was first refused in this window for want of room.
  refused_at   timestamptz(6),
  PRIMARY KEY (org_id, quota_id, window_start),
  FOREIGN KEY (org_id, quota_id) REFERENCES quotas (org_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);

-- What a run under way may use at most until its next request is answered, and with which key and price: what a receipt is made
-- of when its process dies. Gone with the run's end; one that was charged stays a day, for an end that comes late.
CREATE TABLE quota_reservations (
  org_id          uuid NOT NULL,
  run_id          uuid NOT NULL,
  provider_key_id uuid NOT NULL,
  key_version     integer NOT NULL,
  provider        text NOT NULL,
  model           text NOT NULL,
  price           jsonb,
  input_tokens    bigint NOT NULL,
  output_tokens   bigint NOT NULL,
  cost_micro_usd  bigint,
  expires_at      timestamptz(6) NOT NULL,
  charged_at      timestamptz(6),
  PRIMARY KEY (org_id, run_id),
  FOREIGN KEY (org_id, run_id) REFERENCES agent_runs (org_id, id) ON DELETE CASCADE
);
CREATE INDEX quota_reservations_expiry ON quota_reservations (expires_at) WHERE charged_at IS NULL;

-- The part of one counter's `reserved` that is one run's.
CREATE TABLE quota_holds (
  org_id       uuid NOT NULL,
  run_id       uuid NOT NULL,
  quota_id     uuid NOT NULL,
  window_start timestamptz(6) NOT NULL,
  amount       bigint NOT NULL CHECK (amount >= 0),
  PRIMARY KEY (org_id, run_id, quota_id),
  FOREIGN KEY (org_id, run_id) REFERENCES quota_reservations (org_id, run_id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, quota_id) REFERENCES quotas (org_id, id) ON DELETE CASCADE
);
CREATE INDEX quota_holds_quota ON quota_holds (org_id, quota_id);

ALTER TABLE quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE quotas FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quotas
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON quotas FOR SELECT TO claviger_lookup USING (true);
ALTER TABLE quota_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota_counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quota_counters
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON quota_counters FOR SELECT TO claviger_lookup USING (true);
ALTER TABLE quota_reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota_reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quota_reservations
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON quota_reservations FOR SELECT TO claviger_lookup USING (true);
ALTER TABLE quota_holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota_holds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quota_holds
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON quota_holds FOR SELECT TO claviger_lookup USING (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON quotas TO claviger_api;
GRANT SELECT, INSERT, UPDATE ON quota_counters TO claviger_api;
GRANT SELECT ON quota_reservations, quota_holds TO claviger_api;
GRANT SELECT ON quotas TO claviger_engine;
GRANT SELECT, INSERT, UPDATE ON quota_counters TO claviger_engine;
GRANT SELECT, INSERT, UPDATE, DELETE ON quota_reservations, quota_holds TO claviger_engine;
GRANT SELECT (org_id, id, name, workspace_id, token_id, provider_key_id, metric, period, max, mode) ON quotas TO claviger_lookup;
GRANT SELECT (org_id, run_id, expires_at, charged_at) ON quota_reservations TO claviger_lookup;
GRANT SELECT (org_id, quota_id) ON quota_counters TO claviger_lookup;
GRANT SELECT (org_id, run_id, quota_id) ON quota_holds TO claviger_lookup;
-- A receipt of unknown use is what the reservation of a dead process was charged with: the only kind that can be deleted.
CREATE POLICY lookup_correct ON usage_records FOR DELETE TO claviger_lookup USING (outcome = 'unknown');
GRANT SELECT (org_id, run_id, outcome), DELETE ON usage_records TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The quotas that a caller's calls in a workspace may count against: part of the one authorised state. Of keys those that are
-- assigned there; what covered a rolled token covers the one in its place.
CREATE FUNCTION lookup.state_quotas(p_org uuid, p_workspace uuid, p_token uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', q.id, 'name', q.name, 'metric', q.metric, 'window', q.period, 'max', q.max, 'mode', q.mode,
    'workspaceId', q.workspace_id, 'tokenId', q.token_id, 'aiProviderId', q.provider_key_id) ORDER BY q.id), '[]')
  FROM quotas q
  WHERE q.org_id = p_org
    AND (q.workspace_id IS NULL OR q.workspace_id = p_workspace)
    AND (q.token_id IS NULL OR q.token_id = p_token OR q.token_id = ANY (
      SELECT unnest(t.ancestors) FROM tokens t WHERE t.org_id = p_org AND t.id = p_token))
    AND (q.provider_key_id IS NULL OR EXISTS (
      SELECT 1 FROM assignments a
      WHERE a.org_id = p_org AND a.workspace_id = p_workspace AND a.provider_key_id = q.provider_key_id))
$$;

-- ── the authorised state learns them: what was there stays as it is, and gets a member more ──
CREATE OR REPLACE FUNCTION lookup.state_models(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p_state || jsonb_build_object(
    'catalogueVersion', coalesce((SELECT max(version) FROM catalogue_versions), 0),
    'modelAliases', coalesce((
      SELECT jsonb_agg(jsonb_build_object('name', a.name, 'workspaceId', a.workspace_id, 'models', to_jsonb(a.models))
        ORDER BY a.name, a.workspace_id NULLS LAST)
      FROM model_aliases a
      WHERE a.org_id = (p_state #>> '{org,id}')::uuid
        AND (a.workspace_id IS NULL OR a.workspace_id = (p_state #>> '{workspace,id}')::uuid)), '[]'),
    'quotas', lookup.state_quotas((p_state #>> '{org,id}')::uuid, (p_state #>> '{workspace,id}')::uuid,
      CASE WHEN p_state #>> '{principal,kind}' = 'token' THEN (p_state #>> '{principal,id}')::uuid END))
$$;

CREATE OR REPLACE FUNCTION lookup.workspace_state(p_user uuid, p_workspace uuid, p_token uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.workspace_state(p_user, p_workspace) || jsonb_build_object(
    'policies', lookup.state_policies(o.org_id, p_workspace, p_token),
    'quotas', lookup.state_quotas(o.org_id, p_workspace, p_token))
  FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) o
  WHERE o.org_id IS NOT NULL
$$;

-- The truth about a run of the transaction's own organization has come: the receipt of unknown use goes.
CREATE FUNCTION lookup.drop_unknown_receipt(p_run uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM usage_records u
  WHERE u.org_id = nullif(current_setting('app.org_id', true), '')::uuid AND u.run_id = p_run AND u.outcome = 'unknown'
$$;

-- Reservations that nobody will settle any more: their time is over, or their process is dead. Each is charged in its own
-- tenant's transaction.
CREATE FUNCTION lookup.lost_reservations(p_silent_seconds integer, p_limit integer) RETURNS TABLE (org_id uuid, run_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT r.org_id, r.run_id FROM quota_reservations r
  WHERE r.charged_at IS NULL AND (
    r.expires_at <= clock_timestamp()
    OR EXISTS (
      SELECT 1 FROM agent_runs a
      WHERE a.org_id = r.org_id AND a.id = r.run_id AND NOT EXISTS (
        SELECT 1 FROM engine_processes p
        WHERE p.id = a.engine_id AND p.heartbeat_at > clock_timestamp() - make_interval(secs => p_silent_seconds))))
  ORDER BY r.expires_at, r.run_id LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION lookup.state_quotas(uuid, uuid, uuid), lookup.drop_unknown_receipt(uuid),
  lookup.lost_reservations(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.drop_unknown_receipt(uuid), lookup.lost_reservations(integer, integer) TO claviger_engine;

SET LOCAL ROLE claviger_owner;
