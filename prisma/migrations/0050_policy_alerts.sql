-- A policy of severity MEDIUM alerts (PRODUCT #46): whoever answers for it gets a notice, once a day (UTC) while calls break it.

ALTER TABLE notices ADD COLUMN policy_id uuid, ADD COLUMN policy_day date;
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (
  kind IN ('aiProvider.expiring', 'aiProvider.expired', 'aiProvider.failing', 'quota.threshold', 'policy.alerted'));
ALTER TABLE notices ADD CONSTRAINT notices_of_policies CHECK (
  (kind = 'policy.alerted') = (policy_id IS NOT NULL) AND (policy_id IS NULL) = (policy_day IS NULL)
  AND num_nonnulls(provider_key_id, quota_id, policy_id) <= 1);
ALTER TABLE notices ADD FOREIGN KEY (org_id, policy_id) REFERENCES policies (org_id, id) ON DELETE CASCADE;
CREATE UNIQUE INDEX notices_policy ON notices (org_id, policy_id, policy_day);

GRANT SELECT (policy_id, policy_day) ON notices TO claviger_lookup;
GRANT SELECT (org_id, id) ON policies TO claviger_worker;
GRANT SELECT (policy_id, action, created_at) ON policy_violations TO claviger_lookup;
-- Of the calls that went on, by time: what the worker asks for each minute.
CREATE INDEX policy_violations_alerted ON policy_violations (created_at) WHERE action = 'alerted';

SET LOCAL ROLE claviger_lookup;

-- Policies that calls broke and that alert for it, on the day that it is, of which nobody was told that day.
CREATE FUNCTION lookup.due_policy_alerts(p_limit integer)
RETURNS TABLE (org_id uuid, policy_id uuid, day date, calls bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.org_id, v.policy_id, d.day, count(*)
  FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day, date_trunc('day', now(), 'UTC') AS since) d
  JOIN policy_violations v ON v.created_at >= d.since AND v.action = 'alerted'
  JOIN policies p ON p.org_id = v.org_id AND p.id = v.policy_id
  WHERE NOT EXISTS (
    SELECT 1 FROM notices n WHERE n.org_id = v.org_id AND n.policy_id = v.policy_id AND n.policy_day = d.day)
  GROUP BY v.org_id, v.policy_id, d.day
  ORDER BY v.org_id, v.policy_id LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION lookup.due_policy_alerts(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.due_policy_alerts(integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
