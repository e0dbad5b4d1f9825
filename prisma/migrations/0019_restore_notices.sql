-- Processes have different evidence that this is an old copy of the database: the file of checkpoints, and what an engine
-- remembers. Whoever notices says so here, and every process of the installation heeds it until an operator acknowledges.

CREATE TABLE restore_notices (
  cause      text PRIMARY KEY CHECK (cause IN ('old_copy', 'no_checkpoints')),
  -- The epoch that was seen and is not here; 0 where the checkpoints are gone.
  outside    bigint NOT NULL CHECK (outside >= 0 AND outside < 4503599627370496),
  noticed_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON restore_notices TO claviger_lookup;

SET LOCAL ROLE claviger_lookup;

-- What is compared with the epochs that were seen elsewhere: times in milliseconds, as checkpoint lines have them. Missing
-- checkpoints are noticed again and again for as long as they are missing: without that, it is over.
CREATE FUNCTION lookup.restore_facts(p_seen bigint[]) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT jsonb_build_object(
    'newest', (SELECT jsonb_build_object('epoch', e.epoch, 'atMs', floor(extract(epoch FROM e.at) * 1000)::bigint)
      FROM audit_epochs e ORDER BY e.epoch DESC LIMIT 1),
    'seen', (SELECT jsonb_object_agg(e.epoch, floor(extract(epoch FROM e.at) * 1000)::bigint)
      FROM audit_epochs e WHERE e.epoch = ANY(p_seen)),
    'acknowledged', (SELECT max(e.acknowledges) FROM audit_epochs e
      WHERE e.acknowledges IS NOT NULL AND e.epoch > (SELECT min(s) FROM unnest(p_seen) s)),
    'noticed', (SELECT jsonb_object_agg(n.cause, n.outside) FROM restore_notices n
      WHERE n.cause = 'old_copy' OR n.noticed_at > clock_timestamp() - interval '10 seconds'))
$$;

-- Locked against an acknowledgement at the same time: what it covers is not noticed again.
CREATE FUNCTION lookup.note_restore(p_cause text, p_outside bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  LOCK TABLE restore_notices IN SHARE ROW EXCLUSIVE MODE;
  IF p_cause = 'old_copy' AND EXISTS (
    SELECT 1 FROM audit_epochs e WHERE e.epoch > p_outside AND e.acknowledges >= p_outside) THEN
    RETURN;
  END IF;
  INSERT INTO restore_notices AS n (cause, outside) VALUES (p_cause, p_outside)
  ON CONFLICT (cause) DO UPDATE
    SET outside = greatest(n.outside, excluded.outside), noticed_at = clock_timestamp();
END $$;

-- As in 0011; and it ends what was noticed. A copy that was signed on may be as far as what was seen: not behind, but another.
CREATE OR REPLACE FUNCTION lookup.acknowledge_restore(p_external bigint, p_reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  here bigint;
BEGIN
  LOCK TABLE restore_notices IN SHARE ROW EXCLUSIVE MODE;
  here := lookup.audit_epoch();
  IF here > p_external THEN
    RAISE EXCEPTION 'epoch % is not behind %', here, p_external USING ERRCODE = '40001';
  END IF;
  INSERT INTO audit_epochs (epoch, acknowledges, restored_to, reason)
  VALUES (p_external + 1, p_external, here, p_reason);
  DELETE FROM restore_notices;
  RETURN p_external + 1;
END $$;

REVOKE EXECUTE ON FUNCTION lookup.restore_facts(bigint[]), lookup.note_restore(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lookup.restore_facts(bigint[])
  TO claviger_api, claviger_engine, claviger_worker, claviger_owner;
GRANT EXECUTE ON FUNCTION lookup.note_restore(text, bigint) TO claviger_engine, claviger_worker, claviger_owner;

SET LOCAL ROLE claviger_owner;
