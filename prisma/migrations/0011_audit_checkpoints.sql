-- Signed heads of the audit chains (CUSTODY §9), and the installation's epoch: a number that only grows, kept here and in
-- the file of checkpoints outside of the database. A database whose epoch is behind the file's is an old copy.

CREATE TABLE audit_epochs (
  epoch        bigint PRIMARY KEY,
  at           timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
  -- Set where an operator acknowledged that an old copy was restored: the file's epoch then, and the copy's.
  acknowledges bigint,
  restored_to  bigint,
  reason       text
);

CREATE TABLE audit_checkpoints (
  org_id    uuid NOT NULL,
  epoch     bigint NOT NULL,
  seq       bigint NOT NULL,
  hash      bytea NOT NULL,
  at        timestamptz(6) NOT NULL,
  signed_by text NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (org_id, epoch)
);
CREATE INDEX audit_checkpoints_epoch ON audit_checkpoints (epoch);

ALTER TABLE audit_checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoints FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_checkpoints
  USING (org_id = nullif(current_setting('app.org_id', true), '')::uuid)
  WITH CHECK (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
CREATE POLICY lookup_read ON audit_checkpoints FOR SELECT TO claviger_lookup USING (true);
CREATE POLICY lookup_add ON audit_checkpoints FOR INSERT TO claviger_lookup WITH CHECK (true);
CREATE POLICY lookup_read ON audit_heads FOR SELECT TO claviger_lookup USING (true);

CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_checkpoints
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_rows BEFORE UPDATE OR DELETE ON audit_epochs
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON audit_epochs
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- A head moves by one, and by the log's only writer: the owner can't set it back to hide a cut tail.
CREATE FUNCTION audit_head_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_user = 'claviger_lookup' AND NEW.org_id = OLD.org_id AND NEW.seq = OLD.seq + 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = '42501';
END $$;
REVOKE EXECUTE ON FUNCTION audit_head_moves_on() FROM PUBLIC;
CREATE TRIGGER head_moves_on BEFORE UPDATE ON audit_heads FOR EACH ROW EXECUTE FUNCTION audit_head_moves_on();

GRANT SELECT, INSERT ON audit_epochs, audit_checkpoints TO claviger_lookup;
GRANT SELECT ON audit_checkpoints TO claviger_api;

SET LOCAL ROLE claviger_lookup;

CREATE FUNCTION lookup.audit_epoch() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT coalesce(max(epoch), 0) FROM audit_epochs
$$;

-- Heads that differ from their latest checkpoint, with that checkpoint.
CREATE FUNCTION lookup.audit_heads_moved()
RETURNS TABLE (org_id uuid, seq bigint, hash bytea, signed_seq bigint, signed_hash bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT h.org_id, h.seq, h.hash, c.seq, c.hash FROM audit_heads h
  LEFT JOIN LATERAL (
    SELECT k.seq, k.hash FROM audit_checkpoints k WHERE k.org_id = h.org_id ORDER BY k.epoch DESC LIMIT 1) c ON true
  WHERE h.seq > 0 AND (c.seq IS NULL OR c.seq <> h.seq OR c.hash <> h.hash)
  ORDER BY h.org_id
$$;

-- The next epoch with its checkpoints, all or none. A second worker with the same number is refused (unique key).
CREATE FUNCTION lookup.add_audit_checkpoints(p_epoch bigint, p_at timestamptz, p_signed_by text, p_entries jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF p_epoch <> lookup.audit_epoch() + 1 THEN
    RAISE EXCEPTION 'epoch % does not follow %', p_epoch, lookup.audit_epoch() USING ERRCODE = '40001';
  END IF;
  INSERT INTO audit_epochs (epoch, at) VALUES (p_epoch, p_at);
  INSERT INTO audit_checkpoints (org_id, epoch, seq, hash, at, signed_by, signature)
  SELECT e.org, p_epoch, e.seq, decode(e.hash, 'hex'), p_at, p_signed_by, decode(e.signature, 'hex')
  FROM jsonb_to_recordset(p_entries) AS e (org uuid, seq bigint, hash text, signature text);
END $$;

-- Whole epochs, so that a reader can go on after the last one that it has.
CREATE FUNCTION lookup.audit_checkpoints_between(p_after bigint, p_up_to bigint)
RETURNS TABLE (org_id uuid, epoch bigint, seq bigint, hash bytea, at timestamptz, signed_by text, signature bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT c.org_id, c.epoch, c.seq, c.hash, c.at, c.signed_by, c.signature FROM audit_checkpoints c
  WHERE c.epoch > p_after AND c.epoch <= p_up_to ORDER BY c.epoch, c.org_id
$$;

CREATE FUNCTION lookup.acknowledged_restores(p_after bigint)
RETURNS TABLE (epoch bigint, at timestamptz, acknowledges bigint, restored_to bigint, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT e.epoch, e.at, e.acknowledges, e.restored_to, e.reason FROM audit_epochs e
  WHERE e.epoch > p_after AND e.acknowledges IS NOT NULL ORDER BY e.epoch
$$;

-- An operator takes note that this is an old copy: the epoch goes past the file's. Answers the new one.
CREATE FUNCTION lookup.acknowledge_restore(p_external bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here bigint := lookup.audit_epoch();
BEGIN
  IF here >= p_external THEN
    RAISE EXCEPTION 'epoch % is not behind %', here, p_external USING ERRCODE = '40001';
  END IF;
  INSERT INTO audit_epochs (epoch, acknowledges, restored_to, reason)
  VALUES (p_external + 1, p_external, here, p_reason);
  RETURN p_external + 1;
END $$;

-- Whose chains there are, for `audit verify`.
CREATE FUNCTION lookup.audited_orgs() RETURNS TABLE (org_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT o.org_id FROM orgs o UNION SELECT h.org_id FROM audit_heads h
  UNION SELECT c.org_id FROM audit_checkpoints c ORDER BY 1
$$;

REVOKE EXECUTE ON FUNCTION lookup.audit_epoch(), lookup.audit_heads_moved(),
  lookup.add_audit_checkpoints(bigint, timestamptz, text, jsonb), lookup.audit_checkpoints_between(bigint, bigint),
  lookup.acknowledged_restores(bigint), lookup.acknowledge_restore(bigint, text), lookup.audited_orgs() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.audit_epoch() TO claviger_engine, claviger_worker, claviger_owner;
GRANT EXECUTE ON FUNCTION lookup.audit_heads_moved(),
  lookup.add_audit_checkpoints(bigint, timestamptz, text, jsonb), lookup.acknowledged_restores(bigint),
  lookup.audit_checkpoints_between(bigint, bigint) TO claviger_worker;
GRANT EXECUTE ON FUNCTION lookup.audit_checkpoints_between(bigint, bigint), lookup.acknowledge_restore(bigint, text),
  lookup.audited_orgs(), lookup.audit_append(uuid, text, text, text, text, text, jsonb) TO claviger_owner;

SET LOCAL ROLE claviger_owner;
