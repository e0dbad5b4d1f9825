-- Deletion of a whole organization (ADR 0015). At once: everything sealed is erased, and the row here makes the
-- organization unknown to every look-up. After a grace period the worker purges its rows in batches. This row stays: with
-- the audit log it is what proves that there was such an organization, and when it ended.

CREATE TABLE org_deletions (
  org_id     uuid PRIMARY KEY,
  deleted_at timestamptz(6) NOT NULL,
  -- `usr_…` or `tok_…`
  deleted_by text NOT NULL,
  purged_at  timestamptz(6)
);
CREATE INDEX org_deletions_waiting ON org_deletions (deleted_at) WHERE purged_at IS NULL;

ALTER TABLE org_deletions ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_deletions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON org_deletions
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON org_deletions FOR SELECT TO claviger_lookup USING (true);
GRANT SELECT, UPDATE (purged_at) ON org_deletions TO claviger_lookup;
GRANT INSERT ON org_deletions TO claviger_api;

-- What leads to an organization before the tenant is known, is not there any more for one that was deleted: sessions,
-- tokens and invites of it answer like ones that never were, in both planes, whichever function asks.
ALTER POLICY lookup_read ON orgs
  USING (NOT EXISTS (SELECT 1 FROM org_deletions d WHERE d.org_id = orgs.org_id));
ALTER POLICY lookup_read ON members
  USING (NOT EXISTS (SELECT 1 FROM org_deletions d WHERE d.org_id = members.org_id));
ALTER POLICY lookup_read ON invites
  USING (NOT EXISTS (SELECT 1 FROM org_deletions d WHERE d.org_id = invites.org_id));

GRANT SELECT (owner_key_id), UPDATE (owner_key_id) ON secrets TO claviger_lookup;
GRANT SELECT (id) ON notices TO claviger_lookup;
GRANT SELECT (org_id, resource) ON plan_counters TO claviger_lookup;
GRANT SELECT (org_id, principal, route, key) ON idempotency_keys TO claviger_lookup;
GRANT SELECT (node_execution_id), UPDATE (node_execution_id, request_hash, result, error, user_id, workflow_id,
  workflow_version) ON agent_runs TO claviger_lookup;
GRANT SELECT (id, user_id, workflow_id), UPDATE (user_id, workflow_id) ON usage_records TO claviger_lookup;
GRANT DELETE ON orgs, members, invites, workspaces, workspace_grants, tokens, secrets, secret_versions, provider_keys,
  assignments, provider_gates, plan_counters, notices TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- The door of the control plane's transactions. Each holds the organization's lock, shared, until it ends; the deletion
-- holds it alone. So a transaction is over before the deletion starts or learns here that it comes too late: nothing
-- can be sealed, rotated or added beside it. Each statement of this function has a snapshot of its own, so the look
-- comes after the wait. Answers whether the organization is (not) deleted.
CREATE FUNCTION lookup.enter_org(p_org uuid, p_alone boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  door bigint := hashtextextended('org ' || p_org::text, 0);
BEGIN
  IF p_alone THEN
    PERFORM pg_advisory_xact_lock(door);
  ELSE
    PERFORM pg_advisory_xact_lock_shared(door);
  END IF;
  RETURN NOT EXISTS (SELECT 1 FROM org_deletions WHERE org_id = p_org);
END $$;

-- The sessions that work in the transaction's own organization work in none from now on. Their people stay signed in.
CREATE FUNCTION lookup.leave_org() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH moved AS (
    UPDATE sessions SET active_org_id = NULL
    WHERE active_org_id = nullif(current_setting('app.org_id', true), '')::uuid RETURNING 1)
  SELECT count(*)::int FROM moved
$$;

CREATE FUNCTION lookup.due_purges(p_older_than_seconds integer, p_limit integer) RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT d.org_id FROM org_deletions d
  WHERE d.purged_at IS NULL AND d.deleted_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  ORDER BY d.deleted_at LIMIT p_limit
$$;

-- One batch of the purge of the transaction's own organization, if it was deleted so long ago. Answers `more`, `done` (with
-- this batch) or `none`: nothing is due here, or another worker is at it. Where it stopped, the rows themselves say.
CREATE FUNCTION lookup.purge_org(p_older_than_seconds integer, p_limit integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  part text[];
  touched integer;
BEGIN
  PERFORM 1 FROM org_deletions d
  WHERE d.org_id = tenant AND d.purged_at IS NULL
    AND d.deleted_at <= clock_timestamp() - make_interval(secs => p_older_than_seconds)
  FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN 'none';
  END IF;

  -- Runs and receipts stay as the books of who ran the installation; what people and programs wrote into them goes.
  UPDATE agent_runs r SET node_execution_id = r.id::text, request_hash = '', result = NULL, error = NULL, user_id = NULL,
    workflow_id = NULL, workflow_version = NULL
  WHERE r.org_id = tenant AND r.id IN (
    SELECT i.id FROM agent_runs i WHERE i.org_id = tenant AND i.node_execution_id <> i.id::text LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;
  UPDATE usage_records u SET user_id = NULL, workflow_id = NULL
  WHERE u.org_id = tenant AND u.id IN (
    SELECT i.id FROM usage_records i
    WHERE i.org_id = tenant AND (i.user_id IS NOT NULL OR i.workflow_id IS NOT NULL) LIMIT p_limit);
  GET DIAGNOSTICS touched = ROW_COUNT;
  IF touched > 0 THEN
    RETURN 'more';
  END IF;

  -- Keys and secrets point at each other.
  UPDATE secrets SET owner_key_id = NULL WHERE org_id = tenant AND owner_key_id IS NOT NULL;
  FOREACH part SLICE 1 IN ARRAY ARRAY[
    ['assignments', 'workspace_id, provider_key_id'], ['workspace_grants', 'workspace_id, member_id'], ['tokens', 'id'],
    ['provider_gates', 'provider'], ['plan_counters', 'resource'], ['idempotency_keys', 'principal, route, key'],
    ['notices', 'id'], ['provider_keys', 'id'], ['secret_versions', 'secret_id, version'], ['secrets', 'id'],
    ['workspaces', 'id'], ['members', 'id'], ['invites', 'id'], ['outbox_events', 'id']
  ] LOOP
    EXECUTE format(
      'DELETE FROM %1$I WHERE org_id = $1 AND (%2$s) IN (SELECT %2$s FROM %1$I WHERE org_id = $1 LIMIT $2)',
      part[1], part[2]) USING tenant, p_limit;
    GET DIAGNOSTICS touched = ROW_COUNT;
    IF touched > 0 THEN
      RETURN 'more';
    END IF;
  END LOOP;

  DELETE FROM orgs WHERE org_id = tenant;
  UPDATE org_deletions SET purged_at = clock_timestamp() WHERE org_id = tenant;
  RETURN 'done';
END $$;

REVOKE EXECUTE ON FUNCTION lookup.enter_org(uuid, boolean), lookup.leave_org(), lookup.due_purges(integer, integer),
  lookup.purge_org(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.enter_org(uuid, boolean), lookup.leave_org() TO claviger_api;
GRANT EXECUTE ON FUNCTION lookup.due_purges(integer, integer), lookup.purge_org(integer, integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
