-- What a run was asked, beside what it answered: so that anybody who may run it can run it again. `json` keeps the order of what
-- was written, which a model reads too.
ALTER TABLE agent_runs ADD COLUMN asked json;

-- It is kept as long as all of the run is. Whoever keeps less of a run (its end under a stricter policy) or empties it (the purge of
-- an organization, which leaves no hash) need not know of it.
CREATE FUNCTION drop_asked() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.asked := NULL;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION drop_asked() FROM PUBLIC;
CREATE TRIGGER drop_asked BEFORE INSERT OR UPDATE ON agent_runs FOR EACH ROW
  WHEN (NEW.asked IS NOT NULL AND (NEW.retention <> 'full' OR NEW.request_hash = ''))
  EXECUTE FUNCTION drop_asked();
