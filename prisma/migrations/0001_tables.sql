-- Tables. Columns agree with schema.prisma (a spec compares the two in both directions).
-- Every tenant table's primary key is led by org_id, and a row points at another tenant row through
-- (org_id, x_id) only: a single-column reference would let a row point at another tenant's parent.

-- ── platform tier ───────────────────────────────────────────────────────────

CREATE TABLE plans (
  slug       text PRIMARY KEY,
  limits     jsonb NOT NULL,
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);

CREATE TABLE platform_providers (
  slug       text PRIMARY KEY,
  record     jsonb NOT NULL,
  edited     boolean NOT NULL DEFAULT false,
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);

CREATE TABLE platform_models (
  provider   text NOT NULL,
  id         text NOT NULL,
  record     jsonb NOT NULL,
  edited     boolean NOT NULL DEFAULT false,
  updated_at timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, id)
);

CREATE TABLE platform_settings (
  key        text PRIMARY KEY,
  value      jsonb NOT NULL,
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  email         text NOT NULL UNIQUE CHECK (email = lower(email)),
  name          text NOT NULL,
  password_hash text NOT NULL,
  created_at    timestamptz(6) NOT NULL DEFAULT now(),
  updated_at    timestamptz(6) NOT NULL DEFAULT now()
);

CREATE TABLE auth_throttle (
  bucket       text NOT NULL,
  window_start timestamptz(6) NOT NULL,
  count        integer NOT NULL,
  PRIMARY KEY (bucket, window_start)
);

-- ── tenants ─────────────────────────────────────────────────────────────────

CREATE TABLE orgs (
  org_id     uuid PRIMARY KEY,
  slug       text NOT NULL UNIQUE,
  name       text NOT NULL,
  plan       text NOT NULL REFERENCES plans (slug),
  created_at timestamptz(6) NOT NULL DEFAULT now(),
  updated_at timestamptz(6) NOT NULL DEFAULT now()
);

-- Platform tier too (a session exists before its organization is chosen), but it points at orgs.
CREATE TABLE sessions (
  id            uuid PRIMARY KEY,
  user_id       uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash    bytea NOT NULL UNIQUE,
  csrf_hash     bytea NOT NULL,
  active_org_id uuid REFERENCES orgs (org_id) ON DELETE SET NULL,
  ip            text,
  user_agent    text,
  created_at    timestamptz(6) NOT NULL DEFAULT now(),
  last_seen_at  timestamptz(6) NOT NULL DEFAULT now(),
  expires_at    timestamptz(6) NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE invites (
  org_id     uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id         uuid NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  role       text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
  enabled    boolean NOT NULL DEFAULT true,
  created_by uuid NOT NULL,
  expires_at timestamptz(6),
  uses       integer NOT NULL DEFAULT 0,
  created_at timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);

CREATE TABLE members (
  org_id     uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id         uuid NOT NULL,
  user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role       text NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
  status     text NOT NULL CHECK (status IN ('pending', 'active')),
  invite_id  uuid,
  created_at timestamptz(6) NOT NULL DEFAULT now(),
  updated_at timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, user_id),
  FOREIGN KEY (org_id, invite_id) REFERENCES invites (org_id, id) ON DELETE SET NULL (invite_id)
);
CREATE INDEX members_user ON members (user_id);
CREATE INDEX members_invite ON members (org_id, invite_id);

CREATE TABLE workspaces (
  org_id           uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id               uuid NOT NULL,
  slug             text NOT NULL,
  name             text NOT NULL,
  default_provider text,
  is_default       boolean NOT NULL DEFAULT false,
  revision         integer NOT NULL DEFAULT 1,
  created_at       timestamptz(6) NOT NULL DEFAULT now(),
  updated_at       timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, slug)
);

CREATE TABLE workspace_grants (
  org_id       uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  workspace_id uuid NOT NULL,
  member_id    uuid NOT NULL,
  can_edit     boolean NOT NULL DEFAULT false,
  can_delete   boolean NOT NULL DEFAULT false,
  can_execute  boolean NOT NULL DEFAULT false,
  PRIMARY KEY (org_id, workspace_id, member_id),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, member_id) REFERENCES members (org_id, id) ON DELETE CASCADE
);
CREATE INDEX workspace_grants_member ON workspace_grants (org_id, member_id);

CREATE TABLE tokens (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  name            text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('api', 'engine', 'workspace')),
  workspace_id    uuid,
  owner_member_id uuid NOT NULL,
  permissions     jsonb,
  prefix          text NOT NULL,
  token_hash      bytea NOT NULL UNIQUE,
  expires_at      timestamptz(6),
  revoked_at      timestamptz(6),
  last_used_at    timestamptz(6),
  created_at      timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  CHECK (kind <> 'workspace' OR workspace_id IS NOT NULL),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  FOREIGN KEY (org_id, owner_member_id) REFERENCES members (org_id, id) ON DELETE CASCADE
);
CREATE INDEX tokens_owner ON tokens (org_id, owner_member_id);
CREATE INDEX tokens_workspace ON tokens (org_id, workspace_id);

CREATE TABLE secrets (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id              uuid NOT NULL,
  name            text NOT NULL,
  purpose         text NOT NULL CHECK (purpose IN ('call', 'webhook', 'login')),
  origins         text[] NOT NULL DEFAULT '{}',
  mask            text NOT NULL,
  fingerprint     bytea,
  current_version integer NOT NULL,
  owner_key_id    uuid,
  created_at      timestamptz(6) NOT NULL DEFAULT now(),
  updated_at      timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id)
);
CREATE INDEX secrets_fingerprint ON secrets (org_id, fingerprint);

CREATE TABLE secret_versions (
  org_id      uuid NOT NULL,
  secret_id   uuid NOT NULL,
  version     integer NOT NULL,
  format      smallint NOT NULL,
  kms_ref     text NOT NULL,
  origins     text[] NOT NULL DEFAULT '{}',
  wrapped_dek bytea,
  envelope    bytea,
  state       text NOT NULL CHECK (state IN ('pending', 'active', 'draining', 'shredded')),
  created_by  uuid,
  created_at  timestamptz(6) NOT NULL DEFAULT now(),
  retired_at  timestamptz(6),
  PRIMARY KEY (org_id, secret_id, version),
  -- Shredded means that both are gone, and nothing else means so: no half-erased version can exist.
  CHECK ((state = 'shredded') = (envelope IS NULL)),
  CHECK ((envelope IS NULL) = (wrapped_dek IS NULL)),
  FOREIGN KEY (org_id, secret_id) REFERENCES secrets (org_id, id) ON DELETE CASCADE
);
-- "The active version" must name one row. Rotation retires the old one first, then activates the new one.
CREATE UNIQUE INDEX secret_versions_one_active ON secret_versions (org_id, secret_id) WHERE state = 'active';
CREATE INDEX secret_versions_draining ON secret_versions (retired_at) WHERE state = 'draining';

CREATE TABLE provider_keys (
  org_id            uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  id                uuid NOT NULL,
  name              text NOT NULL,
  provider          text NOT NULL,
  secret_id         uuid,
  base_url          text,
  default_model     text,
  models            text[] NOT NULL DEFAULT '{}',
  config            jsonb NOT NULL DEFAULT '{}',
  enabled           boolean NOT NULL DEFAULT true,
  limits            jsonb,
  refused_in_a_row  integer NOT NULL DEFAULT 0,
  last_tested_at    timestamptz(6),
  last_test_status  text,
  last_test_message text,
  last_used_at      timestamptz(6),
  expires_at        timestamptz(6),
  revision          integer NOT NULL DEFAULT 1,
  created_by        uuid,
  created_at        timestamptz(6) NOT NULL DEFAULT now(),
  updated_at        timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, name),
  -- No cascade: a secret that a key still uses cannot be deleted from under it.
  FOREIGN KEY (org_id, secret_id) REFERENCES secrets (org_id, id)
);
CREATE INDEX provider_keys_secret ON provider_keys (org_id, secret_id);

-- A secret entered with a key is written before it and deleted after it: checked when the transaction ends.
ALTER TABLE secrets ADD FOREIGN KEY (org_id, owner_key_id) REFERENCES provider_keys (org_id, id)
  DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX secrets_owner_key ON secrets (org_id, owner_key_id);

CREATE TABLE assignments (
  org_id          uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  workspace_id    uuid NOT NULL,
  provider_key_id uuid NOT NULL,
  priority        integer NOT NULL DEFAULT 0,
  weight          integer NOT NULL DEFAULT 1,
  active          boolean NOT NULL DEFAULT true,
  default_model   text,
  models          text[] NOT NULL DEFAULT '{}',
  created_at      timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, workspace_id, provider_key_id),
  FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id) ON DELETE CASCADE,
  -- No cascade: an assignment made while its key is being deleted must fail the deletion, not vanish.
  FOREIGN KEY (org_id, provider_key_id) REFERENCES provider_keys (org_id, id)
);
CREATE INDEX assignments_key ON assignments (org_id, provider_key_id);

CREATE TABLE provider_gates (
  org_id     uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  provider   text NOT NULL,
  enabled    boolean NOT NULL,
  updated_at timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, provider)
);

CREATE TABLE plan_counters (
  org_id   uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  resource text NOT NULL,
  used     integer NOT NULL DEFAULT 0 CHECK (used >= 0),
  PRIMARY KEY (org_id, resource)
);

CREATE TABLE idempotency_keys (
  org_id       uuid NOT NULL REFERENCES orgs (org_id) ON DELETE CASCADE,
  principal    text NOT NULL,
  route        text NOT NULL,
  key          text NOT NULL CHECK (length(key) <= 255),
  request_hash bytea NOT NULL,
  status       integer,
  response     jsonb,
  created_at   timestamptz(6) NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, principal, route, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
