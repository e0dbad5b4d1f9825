-- KMS keys of organizations' own (CUSTODY §2): which key of their cloud account, and through which role.

-- What a role's trust policy asks for, so that one organization can't have us use another's role (the confused deputy).
-- The database makes it: nobody chooses or changes one, the control plane included.
ALTER TABLE orgs ADD COLUMN kms_external_id text NOT NULL DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
ALTER TABLE orgs ADD UNIQUE (org_id, kms_external_id), ADD UNIQUE (kms_external_id);

CREATE FUNCTION kms_external_id_is_ours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.kms_external_id := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  ELSIF NEW.kms_external_id IS DISTINCT FROM OLD.kms_external_id THEN
    RAISE EXCEPTION 'the external id of an organization does not change' USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER kms_external_id_is_ours BEFORE INSERT OR UPDATE ON orgs
  FOR EACH ROW EXECUTE FUNCTION kms_external_id_is_ours();
REVOKE EXECUTE ON FUNCTION kms_external_id_is_ours() FROM PUBLIC;

-- `pending` is being checked, `active` wraps what is sealed from now on, `retired` still opens what was wrapped under it.
CREATE TABLE org_kms_keys (
  org_id      uuid NOT NULL,
  id          uuid NOT NULL,
  kms_ref     text NOT NULL,
  key_arn     text NOT NULL,
  role_arn    text NOT NULL,
  external_id text NOT NULL,
  state       text NOT NULL CHECK (state IN ('pending', 'active', 'retired')),
  created_by  uuid,
  created_at  timestamptz(6) NOT NULL DEFAULT now(),
  checked_at  timestamptz(6),
  PRIMARY KEY (org_id, id),
  UNIQUE (org_id, kms_ref),
  CHECK (kms_ref = 'own-aws:' || key_arn || '|' || role_arn),
  -- The organization's own external id and no other: a row can't be written that uses a stranger's.
  FOREIGN KEY (org_id, external_id) REFERENCES orgs (org_id, kms_external_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX org_kms_keys_one_active ON org_kms_keys (org_id) WHERE state = 'active';

ALTER TABLE org_kms_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_kms_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON org_kms_keys
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);

-- The control plane names keys and can't change what one is; who opens or re-wraps reads them, inside one tenant.
GRANT SELECT, INSERT, DELETE ON org_kms_keys TO claviger_api;
GRANT UPDATE (state, checked_at) ON org_kms_keys TO claviger_api;
GRANT SELECT (org_id, kms_ref, key_arn, role_arn, external_id, state) ON org_kms_keys TO claviger_engine, claviger_worker;
