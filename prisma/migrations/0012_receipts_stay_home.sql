-- Runs and receipts outlive the workspaces and keys that they name, so no foreign key can hold them. What must never be is
-- that they name another tenant's: that is refused when they are written, by a look over the wall that tells nothing else.

SET LOCAL ROLE claviger_lookup;

CREATE FUNCTION lookup.refuse_foreign_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  named_key uuid := (to_jsonb(NEW) ->> 'provider_key_id')::uuid;
BEGIN
  IF EXISTS (SELECT 1 FROM workspaces w WHERE w.id = NEW.workspace_id AND w.org_id <> NEW.org_id)
    OR EXISTS (SELECT 1 FROM provider_keys k WHERE k.id = named_key AND k.org_id <> NEW.org_id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'a run or receipt names a row of another organization';
  END IF;
  RETURN NEW;
END $$;
REVOKE EXECUTE ON FUNCTION lookup.refuse_foreign_names() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.refuse_foreign_names() TO claviger_owner;

SET LOCAL ROLE claviger_owner;

-- The look is by id alone, on the path of every run and receipt.
CREATE INDEX workspaces_by_id ON workspaces (id);
CREATE INDEX provider_keys_by_id ON provider_keys (id);

CREATE TRIGGER refuse_foreign_names BEFORE INSERT OR UPDATE OF org_id, workspace_id ON agent_runs
  FOR EACH ROW EXECUTE FUNCTION lookup.refuse_foreign_names();
CREATE TRIGGER refuse_foreign_names BEFORE INSERT OR UPDATE OF org_id, workspace_id, provider_key_id ON usage_records
  FOR EACH ROW EXECUTE FUNCTION lookup.refuse_foreign_names();
CREATE TRIGGER refuse_foreign_names BEFORE INSERT OR UPDATE OF org_id, workspace_id, provider_key_id ON usage_daily
  FOR EACH ROW EXECUTE FUNCTION lookup.refuse_foreign_names();
