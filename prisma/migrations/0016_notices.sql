-- Notices to an organization's OWNERs. They belong to the organization, not to a person: what one OWNER has dismissed is
-- dismissed for all, and the audit log says who did it.

CREATE TABLE notices (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('aiProvider.expiring', 'aiProvider.expired')),
  provider_key_id uuid NOT NULL,
  level           text NOT NULL CHECK (level IN ('info', 'warning', 'critical')),
  -- When the key ends; with the key's own date moved, the notice speaks of nothing any more.
  due_at          timestamptz(6) NOT NULL,
  days_before     integer NOT NULL,
  created_at      timestamptz(6) NOT NULL,
  dismissed_at    timestamptz(6),
  dismissed_by    uuid,
  PRIMARY KEY (org_id, id),
  -- Once for each key, date and threshold, however many workers look.
  UNIQUE (org_id, provider_key_id, due_at, days_before),
  FOREIGN KEY (org_id, provider_key_id) REFERENCES provider_keys (org_id, id) ON DELETE CASCADE
);
CREATE INDEX provider_keys_expiry ON provider_keys (expires_at) WHERE expires_at IS NOT NULL AND enabled;

ALTER TABLE notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notices
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON notices FOR SELECT TO claviger_lookup USING (true);

GRANT SELECT (org_id, provider_key_id, due_at, days_before) ON notices TO claviger_lookup;
GRANT SELECT, INSERT ON notices TO claviger_worker;
GRANT SELECT (org_id, id, enabled, expires_at) ON provider_keys TO claviger_worker;
GRANT SELECT, UPDATE (dismissed_at, dismissed_by) ON notices TO claviger_api;

SET LOCAL ROLE claviger_lookup;

-- Which keys end soon and have no notice of it yet: for each, the nearest of the thresholds (days before its end; 0 is the
-- end itself). Days have 24 hours, whatever the session's time zone. The worker writes each in its own tenant's transaction.
CREATE FUNCTION lookup.due_expiry_notices(p_now timestamptz, p_days integer[], p_limit integer)
RETURNS TABLE (org_id uuid, provider_key_id uuid, days_before integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT k.org_id, k.id, t.days
  FROM provider_keys k
  JOIN orgs o ON o.org_id = k.org_id
  CROSS JOIN LATERAL (
    SELECT min(d) AS days FROM unnest(p_days) AS d WHERE k.expires_at <= p_now + d * interval '24 hours') t
  WHERE k.enabled AND t.days IS NOT NULL
    AND k.expires_at <= p_now + (SELECT max(d) FROM unnest(p_days) AS d) * interval '24 hours'
    AND NOT EXISTS (
      SELECT 1 FROM notices n
      WHERE n.org_id = k.org_id AND n.provider_key_id = k.id AND n.due_at = k.expires_at AND n.days_before <= t.days)
  ORDER BY k.expires_at, k.id LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION lookup.due_expiry_notices(timestamptz, integer[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.due_expiry_notices(timestamptz, integer[], integer) TO claviger_worker;

SET LOCAL ROLE claviger_owner;
