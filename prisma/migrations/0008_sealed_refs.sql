-- Which master keys hold the stored secrets: at boot the launcher and whoever opens compare them with the keys that
-- they have, so that a lost or swapped key is noticed then and no new one is made in its place (CUSTODY §2).

SET LOCAL ROLE claviger_lookup;

CREATE FUNCTION lookup.sealed_refs() RETURNS TABLE (purpose text, kms_ref text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT DISTINCT s.purpose, v.kms_ref
  FROM secret_versions v JOIN secrets s ON s.org_id = v.org_id AND s.id = v.secret_id
  WHERE v.wrapped_dek IS NOT NULL
$$;

REVOKE EXECUTE ON FUNCTION lookup.sealed_refs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.sealed_refs() TO claviger_engine, claviger_worker, claviger_owner;
GRANT USAGE ON SCHEMA lookup TO claviger_owner;

SET LOCAL ROLE claviger_owner;
