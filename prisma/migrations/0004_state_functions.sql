-- The engine's one authorised-state query (CUSTODY §4), and the same state without sealed material for the
-- control plane's model lists and `resolve`: one definition, so that the two can never answer differently.

SET LOCAL ROLE claviger_lookup;

-- One key as a workspace sees it. Sealed material only when asked, only of purpose `call`, and only of the active version,
-- or of the one that a rotation names to have it tested before it is activated.
CREATE FUNCTION lookup.state_key(k provider_keys, p_sealed boolean, p_version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'aiProviderId', k.id, 'name', k.name, 'provider', k.provider, 'baseUrl', k.base_url, 'config', k.config,
    'keyDefaultModel', k.default_model, 'keyModels', k.models, 'enabled', k.enabled, 'expiresAt', k.expires_at,
    'secretId', k.secret_id, 'secretVersion', v.version, 'keyVersion', coalesce(v.version, k.revision),
    'format', v.format, 'kmsRef', v.kms_ref, 'origins', coalesce(v.origins, '{}'),
    'wrappedDek', CASE WHEN p_sealed THEN encode(v.wrapped_dek, 'base64') END,
    'envelope', CASE WHEN p_sealed THEN encode(v.envelope, 'base64') END)
  FROM (SELECT 1) one
  LEFT JOIN secrets s ON s.org_id = k.org_id AND s.id = k.secret_id AND s.purpose = 'call'
  LEFT JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id
    AND CASE WHEN p_version IS NULL THEN v.state = 'active' ELSE v.version = p_version AND v.state IN ('pending', 'active') END
$$;

CREATE FUNCTION lookup.state_assignments(p_org uuid, p_workspace uuid, p_sealed boolean) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(lookup.state_key(k, p_sealed) || jsonb_build_object(
    'priority', a.priority, 'weight', a.weight, 'active', a.active, 'assignmentDefaultModel', a.default_model,
    'assignmentModels', a.models, 'createdAt', a.created_at) ORDER BY a.priority, a.weight DESC, k.id), '[]')
  FROM assignments a
  JOIN provider_keys k ON k.org_id = a.org_id AND k.id = a.provider_key_id
  WHERE a.org_id = p_org AND a.workspace_id = p_workspace
$$;

-- What a ticket is about: one key, whether it is assigned anywhere or not.
CREATE FUNCTION lookup.state_ticket_key(p_org uuid, p_key uuid, p_sealed boolean, p_version integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(jsonb_agg(lookup.state_key(k, p_sealed, p_version) || jsonb_build_object(
    'priority', 0, 'weight', 1, 'active', true, 'assignmentDefaultModel', NULL,
    'assignmentModels', '[]'::jsonb, 'createdAt', k.created_at)), '[]')
  FROM provider_keys k WHERE k.org_id = p_org AND k.id = p_key
$$;

-- The member half of a principal: their membership as it is now and their grant in the workspace.
CREATE FUNCTION lookup.state_member(p_org uuid, p_user uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'userId', p_user, 'memberId', m.id, 'role', m.role, 'memberStatus', m.status,
    'grant', CASE WHEN g.member_id IS NOT NULL THEN jsonb_build_object(
      'canEdit', g.can_edit, 'canDelete', g.can_delete, 'canExecute', g.can_execute) END)
  FROM (SELECT 1) one
  LEFT JOIN members m ON m.org_id = p_org AND m.user_id = p_user
  LEFT JOIN workspace_grants g ON g.org_id = m.org_id AND g.member_id = m.id AND g.workspace_id = p_workspace
$$;

CREATE FUNCTION lookup.state_of_workspace(p_org uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'killSwitch', (SELECT value FROM platform_settings WHERE key = 'kill_switch'),
    'org', (SELECT jsonb_build_object('id', o.org_id, 'plan', o.plan, 'planLimits', p.limits)
            FROM orgs o JOIN plans p ON p.slug = o.plan WHERE o.org_id = p_org),
    'workspace', (SELECT jsonb_build_object('id', w.id, 'name', w.name, 'slug', w.slug,
                                            'defaultProvider', w.default_provider)
                  FROM workspaces w WHERE w.org_id = p_org AND w.id = p_workspace),
    'disabledProviders', coalesce((SELECT jsonb_agg(g.provider ORDER BY g.provider) FROM provider_gates g
                                   WHERE g.org_id = p_org AND NOT g.enabled), '[]'))
$$;

CREATE FUNCTION lookup.state_by_token(p_hash bytea, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(t.org_id, p_workspace) || jsonb_build_object(
    'principal', lookup.state_member(t.org_id, m.user_id, p_workspace) || jsonb_build_object(
      'kind', 'token', 'id', t.id, 'tokenKind', t.kind, 'tokenWorkspaceId', t.workspace_id,
      'permissions', t.permissions, 'revoked', t.revoked_at IS NOT NULL, 'expiresAt', t.expires_at),
    'assignments', lookup.state_assignments(t.org_id, p_workspace, true))
  FROM tokens t JOIN members m ON m.org_id = t.org_id AND m.id = t.owner_member_id
  WHERE t.token_hash = p_hash
$$;

CREATE FUNCTION lookup.state_by_session(p_hash bytea, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(s.active_org_id, p_workspace) || jsonb_build_object(
    'principal', lookup.state_member(s.active_org_id, s.user_id, p_workspace) || jsonb_build_object(
      'kind', 'session', 'id', s.id, 'csrfHash', encode(s.csrf_hash, 'base64'),
      'revoked', s.expires_at <= clock_timestamp(), 'expiresAt', s.expires_at),
    'assignments', lookup.state_assignments(s.active_org_id, p_workspace, true))
  FROM sessions s WHERE s.token_hash = p_hash
$$;

-- The ticket says who asks; whether they still may is read here, from their membership as it is now.
CREATE FUNCTION lookup.state_by_ticket(p_org uuid, p_user uuid, p_key uuid, p_version integer) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(p_org, NULL) || jsonb_build_object(
    'principal', lookup.state_member(p_org, p_user, NULL) || jsonb_build_object(
      'kind', 'ticket', 'id', p_user, 'revoked', false, 'expiresAt', NULL),
    'assignments', lookup.state_ticket_key(p_org, p_key, true, p_version))
$$;

-- keys: [{"token" | "session": hex, "workspace": uuid}, {"ticket": {"org", "user", "key", "version"?}}]; answers one row for each,
-- in their order. One statement, so one snapshot.
CREATE FUNCTION lookup.authorised_state(p_keys jsonb) RETURNS TABLE (ord bigint, state jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT k.ord, coalesce(
    CASE
      WHEN k.v ? 'token' THEN lookup.state_by_token(decode(k.v ->> 'token', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'session' THEN lookup.state_by_session(decode(k.v ->> 'session', 'hex'), (k.v ->> 'workspace')::uuid)
      WHEN k.v ? 'ticket' THEN lookup.state_by_ticket(
        (k.v #>> '{ticket,org}')::uuid, (k.v #>> '{ticket,user}')::uuid, (k.v #>> '{ticket,key}')::uuid,
        (k.v #>> '{ticket,version}')::integer)
    END,
    jsonb_build_object('killSwitch', (SELECT value FROM platform_settings WHERE key = 'kill_switch')))
  FROM jsonb_array_elements(p_keys) WITH ORDINALITY AS k (v, ord)
  ORDER BY k.ord
$$;

-- The control plane's view: only inside the tenant that the transaction is bound to, and never sealed material.
CREATE FUNCTION lookup.workspace_state(p_user uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(o.org_id, p_workspace) || jsonb_build_object(
    'principal', lookup.state_member(o.org_id, p_user, p_workspace) || jsonb_build_object(
      'kind', 'ticket', 'id', p_user, 'revoked', false, 'expiresAt', NULL),
    'assignments', lookup.state_assignments(o.org_id, p_workspace, false))
  FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) o
  WHERE o.org_id IS NOT NULL
$$;

SET LOCAL ROLE claviger_owner;
