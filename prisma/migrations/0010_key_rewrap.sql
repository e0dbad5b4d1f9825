-- Moving data keys to another master key (CUSTODY §5). The worker gets wrapped data keys through these functions and
-- from nowhere else; an envelope it gets from nowhere at all.

CREATE POLICY lookup_rewrap ON secret_versions FOR UPDATE TO claviger_lookup
  USING (wrapped_dek IS NOT NULL) WITH CHECK (wrapped_dek IS NOT NULL);
GRANT UPDATE (kms_ref, wrapped_dek) ON secret_versions TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The next versions of a purpose that are wrapped under one of these master keys, locked until the transaction ends.
-- What another worker has locked is left to it. The cursor leads past rows that could not be re-wrapped.
CREATE FUNCTION lookup.rewrap_claim(
  p_purpose text, p_refs text[], p_after_org uuid, p_after_secret uuid, p_after_version integer, p_limit integer
) RETURNS TABLE (org_id uuid, secret_id uuid, version integer, kms_ref text, wrapped_dek bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.org_id, v.secret_id, v.version, v.kms_ref, v.wrapped_dek
  FROM secret_versions v JOIN secrets s ON s.org_id = v.org_id AND s.id = v.secret_id
  WHERE s.purpose = p_purpose AND v.wrapped_dek IS NOT NULL AND v.kms_ref = ANY (p_refs)
    AND (v.org_id, v.secret_id, v.version) > (p_after_org, p_after_secret, p_after_version)
  ORDER BY v.org_id, v.secret_id, v.version LIMIT p_limit
  FOR UPDATE OF v SKIP LOCKED
$$;

-- Stores a new wrapping only where the old one still stands: what was rotated or shredded meanwhile stays so.
CREATE FUNCTION lookup.rewrap_save(
  p_org uuid, p_secret uuid, p_version integer, p_expected bytea, p_kms_ref text, p_wrapped_dek bytea
) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH saved AS (
    UPDATE secret_versions v SET kms_ref = p_kms_ref, wrapped_dek = p_wrapped_dek
    WHERE v.org_id = p_org AND v.secret_id = p_secret AND v.version = p_version AND v.wrapped_dek = p_expected
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM saved)
$$;

-- How many stored versions each master key holds: what remains to be done, and the proof that nothing does.
CREATE FUNCTION lookup.rewrap_progress() RETURNS TABLE (purpose text, kms_ref text, versions bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.purpose, v.kms_ref, count(*)
  FROM secret_versions v JOIN secrets s ON s.org_id = v.org_id AND s.id = v.secret_id
  WHERE v.wrapped_dek IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
$$;

REVOKE EXECUTE ON FUNCTION
  lookup.rewrap_claim(text, text[], uuid, uuid, integer, integer),
  lookup.rewrap_save(uuid, uuid, integer, bytea, text, bytea), lookup.rewrap_progress() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
  lookup.rewrap_claim(text, text[], uuid, uuid, integer, integer),
  lookup.rewrap_save(uuid, uuid, integer, bytea, text, bytea) TO claviger_worker;
GRANT EXECUTE ON FUNCTION lookup.rewrap_progress() TO claviger_worker, claviger_owner;

SET LOCAL ROLE claviger_owner;
