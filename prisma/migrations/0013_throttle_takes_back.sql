-- An attempt is counted before the password is looked at; one that was right is taken back.

SET LOCAL ROLE claviger_lookup;

CREATE FUNCTION lookup.auth_throttle_take_back(p_bucket text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE auth_throttle t SET count = t.count - 1
  WHERE t.bucket = p_bucket AND t.count > 0
    AND t.window_start = (SELECT max(n.window_start) FROM auth_throttle n WHERE n.bucket = p_bucket AND n.count > 0)
$$;
REVOKE EXECUTE ON FUNCTION lookup.auth_throttle_take_back(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.auth_throttle_take_back(text) TO claviger_api;

SET LOCAL ROLE claviger_owner;
