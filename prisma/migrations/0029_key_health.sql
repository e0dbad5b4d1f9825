-- The health of keys (PRODUCT #20, ADR 0025): what their vendors said to calls and tests, a bounded history of each key.

-- When a call or a test last succeeded: what a failed test said before that is over.
ALTER TABLE provider_keys ADD COLUMN last_ok_at timestamptz(6);
GRANT SELECT (last_ok_at), UPDATE (last_ok_at) ON provider_keys TO claviger_engine;

-- Refusals and failures, and the successes that ended them; not every success. Whoever writes keeps the newest of a key and
-- deletes the others.
CREATE TABLE provider_key_health (
  org_id           uuid NOT NULL,
  id               uuid NOT NULL,
  provider_key_id  uuid NOT NULL,
  at               timestamptz(6) NOT NULL,
  source           text NOT NULL CHECK (source IN ('run', 'test')),
  outcome          text NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed')),
  -- The error's code and what of its sentence may be kept: scrubbed, cut, and of failures nothing that the upstream said.
  code             text,
  message          text,
  run_id           uuid,
  refused_in_a_row integer NOT NULL,
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, provider_key_id) REFERENCES provider_keys (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, run_id) REFERENCES agent_runs (org_id, id) ON DELETE SET NULL (run_id)
);
CREATE INDEX provider_key_health_newest ON provider_key_health (org_id, provider_key_id, at DESC, id DESC);
CREATE INDEX provider_key_health_run ON provider_key_health (org_id, run_id);

ALTER TABLE provider_key_health ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_key_health FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON provider_key_health
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON provider_key_health TO claviger_api, claviger_engine;

-- A notice of a key that turned failing has no date that it counts down to; it holds while the key is refused.
ALTER TABLE notices ALTER COLUMN due_at DROP NOT NULL, ALTER COLUMN days_before DROP NOT NULL;
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check
  CHECK (kind IN ('aiProvider.expiring', 'aiProvider.expired', 'aiProvider.failing'));
ALTER TABLE notices ADD CONSTRAINT notices_dated
  CHECK ((due_at IS NULL) = (days_before IS NULL) AND (kind NOT LIKE 'aiProvider.expir%' OR due_at IS NOT NULL));
GRANT SELECT (org_id, id), INSERT ON notices TO claviger_engine;
