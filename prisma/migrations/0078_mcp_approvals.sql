-- What the OWNERs say of calls to an MCP server (PRODUCT #37, ADR 0042): whether each waits for somebody's word, whatever an agent says
-- of it, and whose word counts.

ALTER TABLE mcp_servers ADD COLUMN approval text NOT NULL DEFAULT 'none' CHECK (approval IN ('none', 'always'));
ALTER TABLE mcp_servers ADD COLUMN approvers text NOT NULL DEFAULT 'anyone' CHECK (approvers IN ('anyone', 'people'));

GRANT SELECT (approval, approvers) ON mcp_servers TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- As in 0040, with what the OWNERs say of calls to a server.
CREATE OR REPLACE FUNCTION lookup.state_tools(p_state jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'mcpServers', coalesce((
      SELECT jsonb_agg(jsonb_build_object('id', m.id, 'name', m.name, 'url', m.url, 'enabled', m.enabled AND a.active,
        'approval', m.approval, 'approvers', m.approvers,
        'secretId', m.secret_id, 'secretVersion', v.version, 'format', v.format, 'kmsRef', v.kms_ref,
        'origins', coalesce(v.origins, '{}'), 'wrappedDek', encode(v.wrapped_dek, 'base64'),
        'envelope', encode(v.envelope, 'base64')) ORDER BY m.id)
      FROM mcp_assignments a
      JOIN mcp_servers m ON m.org_id = a.org_id AND m.id = a.mcp_server_id
      LEFT JOIN secrets s ON s.org_id = m.org_id AND s.id = m.secret_id AND s.purpose = 'call'
      LEFT JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id AND v.state = 'active'
      WHERE a.org_id = (p_state #>> '{org,id}')::uuid AND a.workspace_id = (p_state #>> '{workspace,id}')::uuid), '[]'),
    'toolSecrets', coalesce((
      SELECT jsonb_agg(jsonb_build_object('name', s.name, 'secretId', s.id, 'secretVersion', v.version, 'format', v.format,
        'kmsRef', v.kms_ref, 'origins', v.origins, 'wrappedDek', encode(v.wrapped_dek, 'base64'),
        'envelope', encode(v.envelope, 'base64')) ORDER BY s.name)
      FROM secrets s
      JOIN secret_versions v ON v.org_id = s.org_id AND v.secret_id = s.id AND v.state = 'active'
      WHERE s.for_tools AND s.purpose = 'call' AND s.org_id = (p_state #>> '{org,id}')::uuid
        AND p_state #>> '{workspace,id}' IS NOT NULL), '[]'))
$$;

SET LOCAL ROLE claviger_owner;
