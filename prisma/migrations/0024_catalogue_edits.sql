-- What operators change of the platform tier, a version for each change, and nothing of a version is ever rewritten: who, when,
-- from where, what. The latest one holds. platform_providers and platform_models stay the code's, so that an upgrade brings
-- what is new and never touches what an operator said (ADR 0023).

CREATE TABLE catalogue_versions (
  version    bigint PRIMARY KEY,
  -- {providers: [{slug, …, models: [{id, …}]}]}: only what operators set
  edits      jsonb NOT NULL,
  action     text NOT NULL,
  -- {added, changed, removed}
  change     jsonb NOT NULL,
  actor      text NOT NULL,
  request_id text NOT NULL,
  ip         text,
  created_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);

GRANT SELECT ON catalogue_versions TO claviger_api, claviger_engine;
GRANT SELECT, INSERT ON catalogue_versions TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- How many keys of how many organizations that are not deleted belong to these providers: an operator learns no more.
CREATE FUNCTION lookup.provider_use(p_slugs text[]) RETURNS TABLE (provider text, keys integer, orgs integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT k.provider, count(*)::int, count(DISTINCT k.org_id)::int FROM provider_keys k
  WHERE k.provider = ANY (p_slugs) AND NOT EXISTS (SELECT 1 FROM org_deletions d WHERE d.org_id = k.org_id)
  GROUP BY k.provider ORDER BY k.provider
$$;

-- Adds the version after p_base. Answers its number; 0 when another change came first; -1 when one of the providers in p_gone
-- is used by a key (asked here again, under the lock).
CREATE FUNCTION lookup.save_catalogue(p_base bigint, p_edits jsonb, p_action text, p_change jsonb, p_gone text[],
  p_request_id text, p_ip text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('catalogue', 0));
  IF coalesce((SELECT max(version) FROM catalogue_versions), 0) <> p_base THEN
    RETURN 0;
  END IF;
  IF EXISTS (SELECT 1 FROM lookup.provider_use(p_gone)) THEN
    RETURN -1;
  END IF;
  INSERT INTO catalogue_versions (version, edits, action, change, actor, request_id, ip)
  VALUES (p_base + 1, p_edits, p_action, p_change, 'operator', p_request_id, p_ip);
  RETURN p_base + 1;
END $$;

REVOKE EXECUTE ON FUNCTION lookup.provider_use(text[]),
  lookup.save_catalogue(bigint, jsonb, text, jsonb, text[], text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.provider_use(text[]),
  lookup.save_catalogue(bigint, jsonb, text, jsonb, text[], text, text) TO claviger_api;

SET LOCAL ROLE claviger_owner;
