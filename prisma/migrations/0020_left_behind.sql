-- What used to be left behind: sessions that end without anybody being told, and versions of a secret that a crash in the
-- middle of a rotation left waiting for their test.

GRANT SELECT (created_at) ON secret_versions TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- Ends the sessions of one person: one of them (p_only), or all but one (p_keep; null: all). Answers which organization each
-- worked in, so that whoever remembers what they may do can be told in the same transaction.
CREATE FUNCTION lookup.end_sessions(p_user uuid, p_only uuid, p_keep uuid) RETURNS TABLE (org_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM sessions s
  WHERE s.user_id = p_user AND (p_only IS NULL OR s.id = p_only) AND (p_keep IS NULL OR s.id <> p_keep)
  RETURNING s.active_org_id
$$;

-- Versions that have waited for so long: no rotation takes that long, so its process died. The worker erases each in its own
-- tenant's transaction, with the audit row.
CREATE FUNCTION lookup.abandoned_versions(p_older_than_seconds integer, p_limit integer)
RETURNS TABLE (org_id uuid, secret_id uuid, version integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.org_id, v.secret_id, v.version FROM secret_versions v
  WHERE v.state = 'pending' AND v.created_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  ORDER BY v.created_at LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION lookup.end_sessions(uuid, uuid, uuid), lookup.abandoned_versions(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.end_sessions(uuid, uuid, uuid) TO claviger_api;
GRANT EXECUTE ON FUNCTION lookup.abandoned_versions(integer, integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
