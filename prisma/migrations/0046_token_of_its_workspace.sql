-- The compatible endpoints name no workspace: a workspace token is asked about with the one that it was made for (PRODUCT #51).

SET LOCAL ROLE claviger_lookup;

-- As before; p_workspace NULL: the token's own workspace, or none.
CREATE OR REPLACE FUNCTION lookup.state_by_token(p_hash bytea, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace(t.org_id, w.id) || jsonb_build_object(
    'principal', lookup.state_member(t.org_id, m.user_id, w.id) || jsonb_build_object(
      'kind', 'token', 'id', t.id, 'tokenKind', t.kind, 'tokenWorkspaceId', t.workspace_id,
      'permissions', t.permissions, 'revoked', t.revoked_at IS NOT NULL, 'expiresAt', t.expires_at),
    'assignments', lookup.state_assignments(t.org_id, w.id, true),
    'policies', lookup.state_policies(t.org_id, w.id, t.id))
  FROM tokens t JOIN members m ON m.org_id = t.org_id AND m.id = t.owner_member_id,
    LATERAL (SELECT coalesce(p_workspace, t.workspace_id) AS id) w
  WHERE t.token_hash = p_hash
$$;

SET LOCAL ROLE claviger_owner;
