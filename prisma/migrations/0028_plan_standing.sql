-- What an organization has beyond its plan (ADR 0025), and the kill switch of one organization.
--
-- Nothing here is stored about a key, a workspace or a member: what exceeds a limit is read from the limit and from the order in
-- which things were made, in the same snapshot as all else. So it can't drift, and a larger plan brings everything back at once.

-- The operator's word and the organization's own, each for itself: an OWNER can't undo what the operator stopped. null: off;
-- else the reason, which may be empty.
ALTER TABLE orgs ADD COLUMN stopped_by_operator text, ADD COLUMN stopped_by_owner text;

-- The order in which excess is counted, ready to be walked.
CREATE INDEX provider_keys_made ON provider_keys (org_id, created_at, id);
CREATE INDEX workspaces_made ON workspaces (org_id, is_default DESC, created_at, id);

GRANT SELECT (stopped_by_operator, stopped_by_owner) ON orgs TO claviger_lookup;
GRANT SELECT (is_default, created_at) ON workspaces TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- One counted limit of an organization's plan; null: none.
CREATE FUNCTION lookup.plan_limit(p_org uuid, p_limit text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT (p.limits ->> p_limit)::integer FROM orgs o JOIN plans p ON p.slug = o.plan WHERE o.org_id = p_org
$$;

-- What is beyond a limit. PL/pgSQL keeps its plans and is done at once where there is no limit: the authorised state of every
-- caller asks, once a second.

-- The newest keys.
CREATE FUNCTION lookup.keys_beyond_plan(p_org uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  most integer := lookup.plan_limit(p_org, 'keys');
BEGIN
  IF most IS NOT NULL THEN
    RETURN QUERY SELECT k.id FROM provider_keys k WHERE k.org_id = p_org ORDER BY k.created_at, k.id OFFSET most;
  END IF;
END $$;

-- The newest workspaces. The default one comes first, however old: it is the one that can't be deleted.
CREATE FUNCTION lookup.workspaces_beyond_plan(p_org uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  most integer := lookup.plan_limit(p_org, 'workspaces');
BEGIN
  IF most IS NOT NULL THEN
    RETURN QUERY SELECT w.id FROM workspaces w WHERE w.org_id = p_org
      ORDER BY w.is_default DESC, w.created_at, w.id OFFSET most;
  END IF;
END $$;

-- The newest active members. OWNERs come first, and the limit leaves one member out (PRODUCT, decision 8), so whatever the plan
-- says, one OWNER can act.
CREATE FUNCTION lookup.members_beyond_plan(p_org uuid) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  most integer := lookup.plan_limit(p_org, 'members');
BEGIN
  IF most IS NOT NULL THEN
    RETURN QUERY SELECT m.id FROM members m WHERE m.org_id = p_org AND m.status = 'active'
      ORDER BY m.role = 'OWNER' DESC, m.created_at, m.id OFFSET most + 1;
  END IF;
END $$;

-- The same of the transaction's own organization, for the control plane.
CREATE FUNCTION lookup.beyond_plan() RETURNS TABLE (resource text, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH tenant AS MATERIALIZED (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id)
  SELECT 'keys', lookup.keys_beyond_plan(org_id) FROM tenant
  UNION ALL SELECT 'workspaces', lookup.workspaces_beyond_plan(org_id) FROM tenant
  UNION ALL SELECT 'members', lookup.members_beyond_plan(org_id) FROM tenant
$$;

-- From when on the transaction's organization may read its runs and receipts: the start of a day (UTC), this one being the first
-- of the plan's history days. Nothing is deleted by it.
CREATE FUNCTION lookup.history_from(p_now timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(
    ((p_now AT TIME ZONE 'UTC')::date + 1 - lookup.plan_limit(t.org_id, 'historyDays'))::timestamp AT TIME ZONE 'UTC',
    '-infinity')
  FROM (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS org_id) t
$$;

-- Who stopped all calls of an organization and why: the operator's word before its own.
CREATE FUNCTION lookup.org_kill_switch(p_org uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE
      WHEN o.stopped_by_operator IS NOT NULL THEN jsonb_build_object('by', 'operator', 'reason', o.stopped_by_operator)
      WHEN o.stopped_by_owner IS NOT NULL THEN jsonb_build_object('by', 'owner', 'reason', o.stopped_by_owner)
    END
  FROM orgs o WHERE o.org_id = p_org
$$;

-- ── the authorised state learns both: what was there stays as it is, and gets a member more ──

ALTER FUNCTION lookup.state_of_workspace(uuid, uuid) RENAME TO state_of_workspace_as_set;
-- Of the keys beyond the plan, those of this workspace; all for a ticket, which names no workspace.
CREATE FUNCTION lookup.state_of_workspace(p_org uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT lookup.state_of_workspace_as_set(p_org, p_workspace) || jsonb_build_object(
    'orgKillSwitch', lookup.org_kill_switch(p_org),
    'beyondPlan', jsonb_build_object(
      'keys', coalesce((
        SELECT jsonb_agg(b.id ORDER BY b.id) FROM lookup.keys_beyond_plan(p_org) AS b (id)
        WHERE p_workspace IS NULL OR EXISTS (
          SELECT 1 FROM assignments a
          WHERE a.org_id = p_org AND a.workspace_id = p_workspace AND a.provider_key_id = b.id)), '[]'),
      'workspace', p_workspace IS NOT NULL AND p_workspace IN (SELECT lookup.workspaces_beyond_plan(p_org))))
$$;

ALTER FUNCTION lookup.state_member(uuid, uuid, uuid) RENAME TO state_member_as_set;
CREATE FUNCTION lookup.state_member(p_org uuid, p_user uuid, p_workspace uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.facts || jsonb_build_object(
    'beyondPlan', coalesce((s.facts ->> 'memberId')::uuid IN (SELECT lookup.members_beyond_plan(p_org)), false))
  FROM (SELECT lookup.state_member_as_set(p_org, p_user, p_workspace) AS facts) s
$$;

ALTER FUNCTION lookup.member_facts(uuid, uuid) RENAME TO member_facts_as_set;
CREATE FUNCTION lookup.member_facts(p_org uuid, p_user uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.facts || jsonb_build_object(
    'beyondPlan', (s.facts ->> 'id')::uuid IN (SELECT lookup.members_beyond_plan(p_org)))
  FROM (SELECT lookup.member_facts_as_set(p_org, p_user) AS facts) s
$$;

REVOKE EXECUTE ON FUNCTION lookup.plan_limit(uuid, text), lookup.keys_beyond_plan(uuid), lookup.workspaces_beyond_plan(uuid),
  lookup.members_beyond_plan(uuid), lookup.beyond_plan(), lookup.history_from(timestamptz), lookup.org_kill_switch(uuid),
  lookup.state_of_workspace(uuid, uuid), lookup.state_member(uuid, uuid, uuid), lookup.member_facts(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.beyond_plan() TO claviger_api;
GRANT EXECUTE ON FUNCTION lookup.history_from(timestamptz) TO claviger_api, claviger_engine;

SET LOCAL ROLE claviger_owner;
