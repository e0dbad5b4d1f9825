-- The price book (PRODUCT #53): what an organization pays where it is not the list price, each from a moment on. A receipt keeps
-- the price that it was made with.

CREATE TABLE price_overrides (
  org_id                            uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id                                uuid NOT NULL,
  provider                          text NOT NULL,
  model                             text NOT NULL,
  input_micro_usd_per_mtok          bigint NOT NULL CHECK (input_micro_usd_per_mtok BETWEEN 0 AND 1000000000000),
  output_micro_usd_per_mtok         bigint NOT NULL CHECK (output_micro_usd_per_mtok BETWEEN 0 AND 1000000000000),
  cached_input_micro_usd_per_mtok   bigint CHECK (cached_input_micro_usd_per_mtok BETWEEN 0 AND 1000000000000),
  effective_from                    timestamptz(6) NOT NULL,
  created_at                        timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, provider, model, effective_from)
);

ALTER TABLE price_overrides ENABLE ROW LEVEL SECURITY;
ALTER TABLE price_overrides FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON price_overrides
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON price_overrides FOR SELECT TO claviger_lookup USING (true);

-- Written once: another price is another row.
GRANT SELECT, INSERT, DELETE ON price_overrides TO claviger_api;
GRANT SELECT ON price_overrides TO claviger_lookup;

-- {inputMicroUsdPerMTok, outputMicroUsdPerMTok, cachedInputMicroUsdPerMTok, asOf, source}; NULL: unknown, or from before this was kept.
ALTER TABLE usage_records ADD COLUMN price jsonb;

SET LOCAL ROLE claviger_lookup;

-- The price that holds now for each model, by the database's clock.
CREATE FUNCTION lookup.state_prices(p_org uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'provider', o.provider, 'model', o.model, 'inputMicroUsdPerMTok', o.input_micro_usd_per_mtok,
    'outputMicroUsdPerMTok', o.output_micro_usd_per_mtok, 'cachedInputMicroUsdPerMTok', o.cached_input_micro_usd_per_mtok,
    'asOf', to_char(o.effective_from AT TIME ZONE 'UTC', 'YYYY-MM-DD'))), '[]')
  FROM (
    SELECT DISTINCT ON (p.provider, p.model) p.* FROM price_overrides p
    WHERE p.org_id = p_org AND p.effective_from <= clock_timestamp()
    ORDER BY p.provider, p.model, p.effective_from DESC) o
$$;

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
    'priceOverrides', lookup.state_prices((p_state #>> '{org,id}')::uuid),
    'quotas', lookup.state_quotas((p_state #>> '{org,id}')::uuid, (p_state #>> '{workspace,id}')::uuid,
      CASE WHEN p_state #>> '{principal,kind}' = 'token' THEN (p_state #>> '{principal,id}')::uuid END))
$$;

REVOKE EXECUTE ON FUNCTION lookup.state_prices(uuid) FROM PUBLIC;

SET LOCAL ROLE claviger_owner;
