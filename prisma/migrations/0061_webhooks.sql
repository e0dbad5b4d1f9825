-- Webhooks (PRODUCT #55, ADR 0033): whom an organization wants told of what, and each message until it is delivered. A message's row
-- holds ids; what it says is read when it is sent.

CREATE TABLE webhooks (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  name            text NOT NULL,
  url             text NOT NULL,
  events          text[] NOT NULL,
  -- Only what happens in this workspace; null: in all of them, and what belongs to none.
  workspace_id    uuid,
  -- Signs its messages: sealed for the purpose `webhook`, which the worker alone opens.
  secret_id       uuid NOT NULL,
  enabled         boolean NOT NULL DEFAULT true,
  disabled_reason text CHECK (disabled_reason IN ('gone', 'failing')),
  revision        integer NOT NULL DEFAULT 1,
  created_by      uuid NOT NULL,
  created_at      timestamptz(6) NOT NULL DEFAULT now(),
  updated_at      timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name),
  CHECK (disabled_reason IS NULL OR NOT enabled),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, secret_id) REFERENCES secrets (org_id, id)
);
CREATE INDEX webhooks_workspace ON webhooks (org_id, workspace_id);
CREATE INDEX webhooks_secret ON webhooks (org_id, secret_id);

CREATE TABLE webhook_deliveries (
  org_id           uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id               uuid NOT NULL,
  webhook_id       uuid NOT NULL,
  -- `webhook-id` of every attempt: of the event, so that no event reaches an endpoint under two names.
  message          uuid NOT NULL,
  type             text NOT NULL,
  ids              jsonb NOT NULL,
  occurred_at      timestamptz(6) NOT NULL,
  state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'succeeded', 'failed')),
  -- Counts all attempts; only who holds the newest one may write its outcome.
  attempts         integer NOT NULL DEFAULT 0,
  -- Attempts of this round: a message that is sent again on request starts its schedule anew.
  round_attempts   integer NOT NULL DEFAULT 0,
  round_started_at timestamptz(6),
  next_attempt_at  timestamptz(6) DEFAULT now(),
  claimed_until    timestamptz(6),
  last_attempt_at  timestamptz(6),
  last_status      integer,
  last_error       text,
  last_answer      text,
  duration_ms      integer,
  created_at       timestamptz(6) NOT NULL DEFAULT now(),
  finished_at      timestamptz(6),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, webhook_id, message),
  CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
  CHECK ((state = 'pending') = (finished_at IS NULL)),
  FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks (org_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (org_id, webhook_id, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (org_id, webhook_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (org_id, webhook_id, claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX webhook_deliveries_succeeded ON webhook_deliveries (org_id, webhook_id, finished_at) WHERE state = 'succeeded';
CREATE INDEX webhook_deliveries_old ON webhook_deliveries (created_at);

ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON webhooks FOR SELECT TO claviger_lookup USING (true);
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_deliveries
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON webhook_deliveries FOR SELECT TO claviger_lookup USING (true);
-- Work over tenants: a turn is given, and what is long over goes.
CREATE POLICY lookup_claim ON webhook_deliveries FOR UPDATE TO claviger_lookup
  USING (state = 'pending') WITH CHECK (state = 'pending');
CREATE POLICY lookup_sweep ON webhook_deliveries FOR DELETE TO claviger_lookup
  USING (created_at < clock_timestamp() - interval '30 days');
-- What a run's end writes, in the transaction of that end.
CREATE POLICY lookup_add ON outbox_events FOR INSERT TO claviger_lookup WITH CHECK (topic = 'run.ended');

-- A run that names a webhook has it told of its end, whatever the webhook subscribed to.
ALTER TABLE agent_runs ADD COLUMN callback_webhook_id uuid;

-- One that fell silent, or said that it is gone, was disabled: OWNERs and ADMINs are told.
ALTER TABLE notices ADD COLUMN webhook_id uuid;
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN (
  'aiProvider.expiring', 'aiProvider.expired', 'aiProvider.failing', 'quota.threshold', 'policy.alerted', 'webhook.disabled'));
ALTER TABLE notices ADD CONSTRAINT notices_of_webhooks CHECK (
  (kind = 'webhook.disabled') = (webhook_id IS NOT NULL)
  AND num_nonnulls(provider_key_id, quota_id, policy_id, webhook_id) <= 1);
ALTER TABLE notices ADD FOREIGN KEY (org_id, webhook_id) REFERENCES webhooks (org_id, id) ON DELETE CASCADE;
CREATE INDEX notices_webhook ON notices (org_id, webhook_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO claviger_api;
GRANT SELECT, INSERT ON webhook_deliveries TO claviger_api;
GRANT UPDATE (state, round_attempts, round_started_at, next_attempt_at, finished_at) ON webhook_deliveries TO claviger_api;
-- A run may name one as its callback.
GRANT SELECT (org_id, id, workspace_id) ON webhooks TO claviger_engine;
-- The worker writes down messages, sends them and says what came of it; of runs it reads what a message says.
GRANT SELECT (org_id, id, name, url, events, workspace_id, secret_id, enabled, revision), UPDATE (enabled, disabled_reason, revision, updated_at)
  ON webhooks TO claviger_worker;
GRANT SELECT, INSERT ON webhook_deliveries TO claviger_worker;
GRANT UPDATE (state, round_attempts, next_attempt_at, claimed_until, last_attempt_at, last_status, last_error, last_answer, duration_ms, finished_at)
  ON webhook_deliveries TO claviger_worker;
GRANT SELECT (org_id, id, workspace_id, node_execution_id, workflow_id, workflow_version, status, result, error, retention, started_at,
  finished_at) ON agent_runs TO claviger_worker;
GRANT SELECT (org_id, id, workspace_id, events, enabled, secret_id), DELETE ON webhooks TO claviger_lookup;
GRANT SELECT (org_id, id, webhook_id, state, attempts, round_attempts, round_started_at, next_attempt_at, claimed_until, created_at),
  UPDATE (attempts, round_attempts, round_started_at, next_attempt_at, claimed_until), DELETE ON webhook_deliveries TO claviger_lookup;
GRANT INSERT (org_id, id, topic, ids) ON outbox_events TO claviger_lookup;
GRANT SELECT (webhook_id) ON notices TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- A run's end becomes an event in the transaction that ends it, whoever ends it: the process that ran it, the one that found it lost,
-- a caller who cancelled it. Only where somebody wants to hear of it: most runs pay for one look at a short index.
CREATE FUNCTION lookup.tell_of_run() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kind text := CASE NEW.status WHEN 'succeeded' THEN 'run.finished' ELSE 'run.' || NEW.status END;
BEGIN
  INSERT INTO outbox_events (org_id, id, topic, ids)
  SELECT NEW.org_id, gen_random_uuid(), 'run.ended', jsonb_strip_nulls(jsonb_build_object(
    'run', NEW.id, 'workspace', NEW.workspace_id, 'type', kind, 'callback', NEW.callback_webhook_id))
  WHERE NEW.callback_webhook_id IS NOT NULL OR EXISTS (
    SELECT 1 FROM webhooks w
    WHERE w.org_id = NEW.org_id AND w.enabled AND kind = ANY (w.events)
      AND (w.workspace_id IS NULL OR w.workspace_id = NEW.workspace_id));
  RETURN NULL;
END $$;

-- Its signing secret goes with a webhook, whatever deletes it: a person, or the end of its workspace.
CREATE FUNCTION lookup.drop_signing_secret() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM secret_versions v WHERE v.org_id = OLD.org_id AND v.secret_id = OLD.secret_id;
  DELETE FROM secrets s WHERE s.org_id = OLD.org_id AND s.id = OLD.secret_id AND s.purpose = 'webhook';
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION lookup.tell_of_run(), lookup.drop_signing_secret() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.tell_of_run(), lookup.drop_signing_secret() TO claviger_owner;

SET LOCAL ROLE claviger_owner;

-- Calls of the compatible endpoints are no runs of a workflow: their caller holds the line until the answer.
CREATE TRIGGER tell_of_run AFTER UPDATE OF status ON agent_runs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status AND NEW.node_execution_id NOT LIKE 'compatible run\_%'
    AND NEW.status IN ('requires_action', 'succeeded', 'failed', 'cancelled', 'outcome_unknown'))
  EXECUTE FUNCTION lookup.tell_of_run();
CREATE TRIGGER drop_signing_secret AFTER DELETE ON webhooks FOR EACH ROW EXECUTE FUNCTION lookup.drop_signing_secret();
