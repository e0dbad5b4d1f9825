-- What belongs to policies ends with the organization.

GRANT UPDATE (surface, tools) ON agent_runs TO claviger_lookup;
GRANT DELETE ON policies, policy_versions, policy_approvals, policy_violations TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- One batch of the purge of the transaction's own organization, if it was deleted so long ago. Answers `more`, `done` (with
-- this batch) or `none`: nothing is due here, or another worker is at it. Where it stopped, the rows themselves say.
CREATE OR REPLACE FUNCTION lookup.purge_org(p_older_than_seconds integer, p_limit integer) RETURNS text
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
    workflow_id = NULL, workflow_version = NULL, surface = NULL, tools = NULL
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
    ['policy_approvals', 'id'], ['policy_versions', 'policy_id, version'], ['policy_violations', 'id'], ['policies', 'id'],
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

SET LOCAL ROLE claviger_owner;
