-- Look-ups before the tenant is known. They belong to claviger_lookup, which may not log in, and they are the
-- only way over the tenant wall (0006 says who may call which).

CREATE SCHEMA lookup AUTHORIZATION claviger_lookup;
SET LOCAL ROLE claviger_lookup;
ALTER DEFAULT PRIVILEGES IN SCHEMA lookup REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE FUNCTION lookup.org_facts(p_org uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', o.org_id, 'slug', o.slug, 'name', o.name, 'plan', o.plan)
  FROM orgs o WHERE o.org_id = p_org
$$;

CREATE FUNCTION lookup.member_facts(p_org uuid, p_user uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'id', m.id, 'role', m.role, 'status', m.status,
    'grants', coalesce((
      SELECT jsonb_agg(jsonb_build_object('workspaceId', g.workspace_id, 'canEdit', g.can_edit,
                                          'canDelete', g.can_delete, 'canExecute', g.can_execute)
                       ORDER BY g.workspace_id)
      FROM workspace_grants g WHERE g.org_id = m.org_id AND g.member_id = m.id), '[]'))
  FROM members m WHERE m.org_id = p_org AND m.user_id = p_user
$$;

CREATE FUNCTION lookup.user_facts(p_user uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', u.id, 'email', u.email, 'name', u.name) FROM users u WHERE u.id = p_user
$$;

-- ── sessions ────────────────────────────────────────────────────────────────

CREATE FUNCTION lookup.session(p_token_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'id', s.id, 'csrfHash', encode(s.csrf_hash, 'hex'), 'createdAt', s.created_at, 'lastSeenAt', s.last_seen_at,
    'expiresAt', s.expires_at, 'user', lookup.user_facts(s.user_id), 'org', lookup.org_facts(s.active_org_id),
    'member', lookup.member_facts(s.active_org_id, s.user_id))
  FROM sessions s WHERE s.token_hash = p_token_hash AND s.expires_at > clock_timestamp()
$$;

CREATE FUNCTION lookup.create_session(
  p_id uuid, p_user uuid, p_token_hash bytea, p_csrf_hash bytea, p_org uuid, p_ip text, p_user_agent text,
  p_expires_at timestamptz
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO sessions (id, user_id, token_hash, csrf_hash, active_org_id, ip, user_agent, expires_at)
  VALUES (p_id, p_user, p_token_hash, p_csrf_hash, p_org, p_ip, p_user_agent, p_expires_at)
$$;

CREATE FUNCTION lookup.list_sessions(p_user uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id, 'ip', s.ip, 'userAgent', s.user_agent, 'createdAt', s.created_at, 'lastSeenAt', s.last_seen_at,
    'expiresAt', s.expires_at) ORDER BY s.last_seen_at DESC), '[]')
  FROM sessions s WHERE s.user_id = p_user AND s.expires_at > clock_timestamp()
$$;

-- The user is named so that nobody ends a stranger's session by its id.
CREATE FUNCTION lookup.delete_session(p_user uuid, p_id uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (DELETE FROM sessions WHERE id = p_id AND user_id = p_user RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM gone)
$$;

CREATE FUNCTION lookup.delete_other_sessions(p_user uuid, p_keep uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH gone AS (DELETE FROM sessions WHERE user_id = p_user AND id IS DISTINCT FROM p_keep RETURNING 1)
  SELECT count(*)::int FROM gone
$$;

CREATE FUNCTION lookup.set_active_org(p_session uuid, p_org uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH moved AS (
    UPDATE sessions s SET active_org_id = p_org
    WHERE s.id = p_session
      AND EXISTS (SELECT 1 FROM members m WHERE m.org_id = p_org AND m.user_id = s.user_id)
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM moved)
$$;

CREATE FUNCTION lookup.touch_session(p_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE sessions SET last_seen_at = clock_timestamp()
  WHERE id = p_id AND last_seen_at < clock_timestamp() - interval '1 minute'
$$;

-- ── tokens ──────────────────────────────────────────────────────────────────

CREATE FUNCTION lookup.token(p_token_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'id', t.id, 'name', t.name, 'kind', t.kind, 'workspaceId', t.workspace_id, 'permissions', t.permissions,
    'expiresAt', t.expires_at, 'revokedAt', t.revoked_at, 'lastUsedAt', t.last_used_at,
    'user', lookup.user_facts(m.user_id), 'org', lookup.org_facts(t.org_id),
    'member', lookup.member_facts(t.org_id, m.user_id))
  FROM tokens t JOIN members m ON m.org_id = t.org_id AND m.id = t.owner_member_id
  WHERE t.token_hash = p_token_hash
$$;

CREATE FUNCTION lookup.touch_token(p_org uuid, p_id uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE tokens SET last_used_at = clock_timestamp()
  WHERE org_id = p_org AND id = p_id
    AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
$$;

-- ── people ──────────────────────────────────────────────────────────────────

CREATE FUNCTION lookup.login(p_email text) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('userId', u.id, 'email', u.email, 'name', u.name, 'passwordHash', u.password_hash)
  FROM users u WHERE u.email = lower(p_email)
$$;

CREATE FUNCTION lookup.password_hash(p_user uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT u.password_hash FROM users u WHERE u.id = p_user
$$;

-- False when the address is taken: the caller decides what to say about that.
CREATE FUNCTION lookup.create_user(p_id uuid, p_email text, p_name text, p_password_hash text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH made AS (
    INSERT INTO users (id, email, name, password_hash) VALUES (p_id, lower(p_email), p_name, p_password_hash)
    ON CONFLICT (email) DO NOTHING RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM made)
$$;

CREATE FUNCTION lookup.set_password(p_user uuid, p_password_hash text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE users SET password_hash = p_password_hash, updated_at = clock_timestamp() WHERE id = p_user
$$;

CREATE FUNCTION lookup.orgs_of_user(p_user uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(lookup.org_facts(m.org_id)
    || jsonb_build_object('memberId', m.id, 'role', m.role, 'status', m.status) ORDER BY m.created_at, m.id), '[]')
  FROM members m WHERE m.user_id = p_user
$$;

CREATE FUNCTION lookup.invite(p_token_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object('id', i.id, 'role', i.role, 'enabled', i.enabled, 'expiresAt', i.expires_at,
                            'org', lookup.org_facts(i.org_id))
  FROM invites i WHERE i.token_hash = p_token_hash
$$;

-- Counts one attempt in a bucket and answers how many fell into the window that ends now. Kept by the minute.
CREATE FUNCTION lookup.auth_throttle_hit(p_bucket text, p_window_seconds integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  hits integer;
BEGIN
  INSERT INTO auth_throttle AS t (bucket, window_start, count)
  VALUES (p_bucket, date_trunc('minute', clock_timestamp()), 1)
  ON CONFLICT (bucket, window_start) DO UPDATE SET count = t.count + 1;
  SELECT sum(t.count)::int INTO hits FROM auth_throttle t
  WHERE t.bucket = p_bucket AND t.window_start > clock_timestamp() - make_interval(secs => p_window_seconds);
  RETURN hits;
END $$;

CREATE FUNCTION lookup.auth_throttle_clear(p_bucket text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DELETE FROM auth_throttle WHERE bucket = p_bucket
$$;

SET LOCAL ROLE claviger_owner;
