-- What happened: runs, receipts, audit, events. They outlive the keys, workspaces and members that they name, so they
-- refer to none of them; a receipt refers to its run.

CREATE TABLE agent_runs (
  org_id            uuid NOT NULL,
  id                uuid NOT NULL,
  workspace_id      uuid NOT NULL,
  node_execution_id text NOT NULL,
  request_hash      bytea NOT NULL,
  principal_id      text NOT NULL,
  user_id           text,
  workflow_id       text,
  workflow_version  text,
  status            text NOT NULL,
  result            jsonb,
  error             jsonb,
  started_at        timestamptz(6) NOT NULL DEFAULT now(),
  finished_at       timestamptz(6),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, workspace_id, node_execution_id)
);
CREATE INDEX agent_runs_recent ON agent_runs (org_id, workspace_id, started_at DESC);

CREATE TABLE usage_records (
  org_id              uuid NOT NULL,
  id                  uuid NOT NULL,
  run_id              uuid NOT NULL,
  workspace_id        uuid NOT NULL,
  provider_key_id     uuid NOT NULL,
  key_version         integer NOT NULL,
  provider            text NOT NULL,
  model               text NOT NULL,
  principal_id        text NOT NULL,
  user_id             text,
  workflow_id         text,
  outcome             text NOT NULL,
  input_tokens        integer NOT NULL,
  output_tokens       integer NOT NULL,
  cached_input_tokens integer NOT NULL,
  reasoning_tokens    integer NOT NULL,
  cost_micro_usd      bigint,
  created_at          timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  FOREIGN KEY (org_id, run_id) REFERENCES agent_runs (org_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX usage_records_time ON usage_records (created_at);
CREATE INDEX usage_records_org_time ON usage_records (org_id, created_at);
CREATE INDEX usage_records_run ON usage_records (org_id, run_id);

CREATE TABLE usage_daily (
  org_id          uuid NOT NULL,
  day             date NOT NULL,
  workspace_id    uuid NOT NULL,
  provider_key_id uuid NOT NULL,
  model           text NOT NULL,
  calls           integer NOT NULL,
  input_tokens    bigint NOT NULL,
  output_tokens   bigint NOT NULL,
  cost_micro_usd  bigint NOT NULL,
  PRIMARY KEY (org_id, day, workspace_id, provider_key_id, model)
);

CREATE TABLE audit_heads (
  org_id uuid PRIMARY KEY,
  seq    bigint NOT NULL,
  hash   bytea NOT NULL
);

CREATE TABLE audit_events (
  org_id     uuid NOT NULL,
  seq        bigint NOT NULL,
  id         uuid NOT NULL,
  at         timestamptz(6) NOT NULL,
  actor      text NOT NULL,
  action     text NOT NULL,
  target     text NOT NULL,
  request_id text NOT NULL,
  ip         text,
  change     jsonb NOT NULL,
  hash       bytea NOT NULL,
  PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_events_time ON audit_events (org_id, at DESC);

CREATE TABLE outbox_events (
  org_id       uuid NOT NULL,
  id           uuid NOT NULL,
  topic        text NOT NULL,
  ids          jsonb NOT NULL,
  created_at   timestamptz(6) NOT NULL DEFAULT now(),
  published_at timestamptz(6),
  PRIMARY KEY (org_id, id)
);
CREATE INDEX outbox_events_waiting ON outbox_events (created_at) WHERE published_at IS NULL;
CREATE INDEX outbox_events_published ON outbox_events (published_at) WHERE published_at IS NOT NULL;
