import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compatibilityFaults, contractSteps } from './migration-rules.js';

const ROOT = resolve(import.meta.dirname, '../..');

function migrationsOf(folder: string): { name: string; sql: string }[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name: name.slice(0, -4), sql: readFileSync(join(ROOT, folder, name), 'utf8') }));
}

/** Came before any release: there was no process to break. Exactly these steps, and in no file after them. */
const BEFORE_THE_FIRST_RELEASE: Record<string, string[]> = {
  '0002_rls': ['a DO block', 'row-level security on a table that is in use'],
  '0005_record_functions': ['a trigger on a table that is in use'],
  '0006_grants': ['REVOKE from PUBLIC'],
  '0009_lookup_columns': ['REVOKE from a process'],
  '0011_audit_checkpoints': ['a trigger on a table that is in use'],
  '0012_receipts_stay_home': ['a trigger on a table that is in use'],
  '0014_org_kms_keys': ['a constraint on a table that is in use', 'a trigger on a table that is in use'],
  '0017_org_deletion': ['ALTER POLICY'],
  '0022_policies': ['a DO block'],
  '0028_plan_standing': ['RENAME'],
  '0029_key_health': ['a constraint on a table that is in use'],
  '0034_quota_alerts': ['a constraint on a table that is in use', 'a unique index on a table that is in use'],
  '0040_mcp_servers': ['a reference that keeps rows of a table in use from being deleted'],
  '0050_policy_alerts': [
    'a constraint on a table that is in use',
    'a unique index on a table that is in use',
  ],
  '0061_webhooks': [
    'a reference that keeps rows of a table in use from being deleted',
    'a constraint on a table that is in use',
    'a trigger on a table that is in use',
  ],
  '0080_asked_of_runs': ['a trigger on a table that is in use'],
};

describe('migrations', () => {
  it('only add what the release before can ignore, unless they say which release takes something away', () => {
    const unmarked = migrationsOf('prisma/migrations').flatMap(({ name, sql }) => {
      const steps = contractSteps(sql).map(({ what }) => what);
      return steps.length > 0 && !/^-- contract:/m.test(sql) ? [[name, steps]] : [];
    });
    expect(Object.fromEntries(unmarked)).toEqual(BEFORE_THE_FIRST_RELEASE);
    const faults = compatibilityFaults(migrationsOf('prisma/migrations'));
    expect(faults.map((fault) => fault.split(':')[0])).toEqual(Object.keys(BEFORE_THE_FIRST_RELEASE));
  });

  it('the next schema of the upgrade test is of the kind that only adds', () => {
    expect(compatibilityFaults(migrationsOf('infra/acceptance/fixtures/next-schema'))).toEqual([]);
  });

  it.each([
    ['DROP TABLE invites', 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'],
    ['drop view if exists v', 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'],
    ['ALTER TABLE tokens ADD COLUMN a text, DROP COLUMN prefix', 'DROP COLUMN'],
    ['ALTER TABLE tokens RENAME COLUMN prefix TO start', 'RENAME'],
    ['ALTER TABLE tokens RENAME TO keys', 'RENAME'],
    ['ALTER FUNCTION lookup.token(bytea) RENAME TO token_2', 'RENAME'],
    ['ALTER TABLE tokens ALTER COLUMN kind TYPE varchar(9)', 'a changed type'],
    ['ALTER TABLE tokens ALTER kind SET DATA TYPE varchar(9)', 'a changed type'],
    [`ALTER TYPE mood RENAME VALUE 'a' TO 'b'`, 'ALTER TYPE'],
    ['ALTER TABLE tokens ALTER COLUMN expires_at SET NOT NULL', 'SET NOT NULL'],
    ['ALTER TABLE tokens ALTER COLUMN kind DROP DEFAULT', 'DROP DEFAULT'],
    ['ALTER TABLE tokens ADD COLUMN note text NOT NULL', 'a new column that must be given'],
    ['ALTER TABLE tokens DROP CONSTRAINT tokens_kind_check', 'DROP CONSTRAINT'],
    [
      'ALTER TABLE tokens ADD CONSTRAINT short CHECK (length(name) < 9)',
      'a constraint on a table that is in use',
    ],
    ['ALTER TABLE tokens ADD UNIQUE (name)', 'a constraint on a table that is in use'],
    ['CREATE UNIQUE INDEX one_name ON tokens (org_id, name)', 'a unique index on a table that is in use'],
    ['ALTER TABLE plans ENABLE ROW LEVEL SECURITY', 'row-level security on a table that is in use'],
    ['DROP POLICY tenant ON tokens', 'DROP POLICY'],
    ['REVOKE SELECT ON plans FROM claviger_worker', 'REVOKE from a process'],
    ['DROP FUNCTION lookup.token(bytea)', 'DROP FUNCTION'],
    [
      'DROP FUNCTION lookup.token(bytea); CREATE FUNCTION lookup.token(p_hash text) RETURNS jsonb AS $$ $$',
      'DROP FUNCTION',
    ],
    ['ALTER TABLE tokens DROP prefix', 'DROP COLUMN'],
    ['ALTER TABLE tokens DROP IF EXISTS prefix', 'DROP COLUMN'],
    ['ALTER TABLE tokens ADD note text NOT NULL', 'a new column that must be given'],
    ['ALTER TABLE tokens ADD IF NOT EXISTS note text NOT NULL', 'a new column that must be given'],
    [
      'ALTER TABLE tokens ADD COLUMN a integer NOT NULL DEFAULT 1, ADD COLUMN b text NOT NULL',
      'a new column that must be given',
    ],
    [`ALTER TABLE tokens ADD a text CHECK (a <> 'DEFAULT') NOT NULL`, 'a new column that must be given'],
    ['ALTER TABLE tokens ADD "default" text NOT NULL', 'a new column that must be given'],
    ["ALTER TABLE tokens ADD a text DEFAULT 'x' UNIQUE", 'a constraint on a table that is in use'],
    ['ALTER TABLE tokens ADD a serial PRIMARY KEY', 'a constraint on a table that is in use'],
    [
      'ALTER TABLE tokens ADD a uuid REFERENCES workspaces (id)',
      'a reference that keeps rows of a table in use from being deleted',
    ],
    [
      'CREATE TABLE t (a uuid REFERENCES users (id) ON UPDATE CASCADE)',
      'a reference that keeps rows of a table in use from being deleted',
    ],
    [
      'CREATE TABLE t (a uuid, FOREIGN KEY (a) REFERENCES users (id) ON DELETE RESTRICT)',
      'a reference that keeps rows of a table in use from being deleted',
    ],
    [
      'ALTER TABLE tokens DROP CONSTRAINT c, DROP CONSTRAINT d; ALTER TABLE tokens ADD CONSTRAINT c CHECK (true)',
      'DROP CONSTRAINT',
    ],
    [
      'ALTER TABLE tokens DROP CONSTRAINT c; ALTER TABLE invites ADD CONSTRAINT c CHECK (true)',
      'DROP CONSTRAINT',
    ],
    ['ALTER TABLE ONLY "tokens" ADD CHECK (a > 0)', 'a constraint on a table that is in use'],
    ['ALTER TABLE tokens ADD EXCLUDE USING gist (a WITH =)', 'a constraint on a table that is in use'],
    ['ALTER TABLE tokens ALTER CONSTRAINT c DEFERRABLE', 'ALTER CONSTRAINT'],
    ['ALTER TABLE tokens ALTER a SET GENERATED ALWAYS', 'SET GENERATED'],
    ['ALTER TABLE tokens ALTER a ADD GENERATED ALWAYS AS IDENTITY', 'SET GENERATED'],
    ['ALTER TABLE tokens ALTER a DROP IDENTITY', 'ALTER COLUMN … DROP IDENTITY'],
    ['ALTER TABLE tokens ALTER a DROP EXPRESSION', 'ALTER COLUMN … DROP EXPRESSION'],
    ['ALTER TABLE tokens NO FORCE ROW LEVEL SECURITY', 'a table without its row-level security'],
    ['ALTER TABLE tokens DISABLE ROW LEVEL SECURITY', 'a table without its row-level security'],
    ['ALTER TABLE tokens FORCE ROW LEVEL SECURITY', 'row-level security on a table that is in use'],
    ['ALTER TABLE tokens DISABLE TRIGGER ALL', 'ALTER TABLE … DISABLE TRIGGER ALL'],
    ['ALTER TABLE tokens OWNER TO claviger_api', 'ALTER TABLE … OWNER TO CLAVIGER_API'],
    ['ALTER TABLE tokens SET SCHEMA archive', 'SET SCHEMA'],
    ['ALTER FUNCTION lookup.token(bytea) SET SCHEMA archive', 'SET SCHEMA'],
    ['ALTER FUNCTION lookup.token(bytea) SECURITY INVOKER', 'ALTER FUNCTION'],
    ['ALTER SEQUENCE s RESTART', 'ALTER SEQUENCE'],
    ['ALTER INDEX by_name RENAME TO by_names', 'RENAME'],
    ['CREATE TRIGGER t BEFORE INSERT ON tokens EXECUTE FUNCTION f()', 'a trigger on a table that is in use'],
    [
      'CREATE OR REPLACE TRIGGER t AFTER UPDATE OF name ON public.tokens EXECUTE FUNCTION f()',
      'a trigger on a table that is in use',
    ],
    [
      'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON tokens EXECUTE FUNCTION f()',
      'a trigger on a table that is in use',
    ],
    ['DROP TRIGGER append_only_rows ON audit_events', 'DROP TRIGGER'],
    ['ALTER POLICY tenant ON tokens USING (true)', 'ALTER POLICY'],
    ['CREATE POLICY p ON tokens AS RESTRICTIVE USING (true)', 'a RESTRICTIVE policy'],
    ['DROP POLICY p ON tokens; CREATE POLICY p ON invites USING (true)', 'DROP POLICY'],
    ['DROP ROUTINE lookup.token(bytea)', 'DROP FUNCTION'],
    ['DROP PROCEDURE p()', 'DROP FUNCTION'],
    [
      'DROP FUNCTION lookup.f(uuid), lookup.g(uuid); CREATE FUNCTION lookup.f(p_a uuid) RETURNS int AS $$ $$',
      'DROP FUNCTION',
    ],
    [
      'DROP FUNCTION lookup.f(uuid) CASCADE; CREATE FUNCTION lookup.f(p_a uuid) RETURNS int AS $$ $$',
      'DROP FUNCTION',
    ],
    ['DROP MATERIALIZED VIEW v', 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'],
    ['DROP EXTENSION pgcrypto', 'DROP EXTENSION PGCRYPTO'],
    ['REVOKE EXECUTE ON FUNCTION lookup.token(bytea) FROM PUBLIC', 'REVOKE from PUBLIC'],
    ['REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC', 'REVOKE from PUBLIC'],
    ['REVOKE claviger_lookup FROM claviger_api', 'REVOKE from a process'],
    ['REVOKE SELECT (prefix) ON tokens FROM claviger_api', 'REVOKE from a process'],
    [
      'CREATE FUNCTION lookup.f() RETURNS int AS $$ $$; REVOKE EXECUTE ON FUNCTION lookup.f(), lookup.g() FROM PUBLIC',
      'REVOKE from PUBLIC',
    ],
    ['TRUNCATE tokens', 'TRUNCATE'],
    ['TRUNCATE TABLE ONLY tokens CASCADE', 'TRUNCATE'],
    ['DELETE FROM ONLY sessions', 'DELETE'],
    ['WITH gone AS (DELETE FROM tokens RETURNING 1) SELECT 1', 'WITH GONE AS'],
    ['UPDATE tokens SET name = 1', 'UPDATE'],
    ['ALTER TABLE tokens ADD a int; UPDATE tokens SET a = f(1, 2), name = 1', 'UPDATE'],
    ['INSERT INTO plans VALUES (1) ON CONFLICT (slug) DO UPDATE SET limits = 1', 'UPDATE'],
    ['MERGE INTO plans USING x ON true WHEN MATCHED THEN DELETE', 'MERGE INTO PLANS'],
    ['ALTER ROLE claviger_api NOLOGIN', 'ALTER ROLE'],
    ['ALTER USER claviger_api CONNECTION LIMIT 1', 'ALTER ROLE'],
    ['ALTER SYSTEM SET max_connections = 1', 'ALTER SYSTEM'],
    ['ALTER DATABASE claviger SET x = 1', 'ALTER DATABASE'],
    ['CREATE RULE r AS ON INSERT TO tokens DO INSTEAD NOTHING', 'CREATE RULE R'],
    ['CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f()', 'CREATE EVENT TRIGGER'],
    ['CREATE TABLE IF NOT EXISTS tokens (a int); DROP TABLE x', 'CREATE TABLE IF NOT EXISTS'],
    ['CREATE TABLE IF NOT EXISTS tokens (a int); ALTER TABLE tokens DROP prefix', 'DROP COLUMN'],
    ['CREATE TABLE t PARTITION OF tokens DEFAULT', 'CREATE TABLE … PARTITION OF'],
    ['CREATE TABLE t (a int) INHERITS (tokens)', 'CREATE TABLE … INHERITS'],
    ['DO $$ BEGIN DROP TABLE tokens; END $$', 'a DO block'],
    ['SELECT lookup.leave_org()', 'SELECT of a function'],
    ['LOCK TABLE tokens', 'LOCK TABLE TOKENS'],
    ['COMMIT', 'COMMIT'],
    // Nothing hides behind a comment, a string or a body.
    ["COMMENT ON TABLE tokens IS '--'; DROP TABLE tokens", 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'],
    [
      "COMMENT ON TABLE tokens IS E'\\''; DROP TABLE tokens --'",
      'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE',
    ],
    ['/* /* a */ b */ DROP/**/TABLE tokens', 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'],
    [
      'CREATE FUNCTION f() RETURNS int AS $a$ $b$ ; $a$; DROP TABLE tokens; -- $b$',
      'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE',
    ],
    ['ALTER TABLE "tokens; SELECT 1" DROP "a"', 'DROP COLUMN'],
    ['-- CREATE TABLE tokens (a int);\nALTER TABLE tokens DROP prefix', 'DROP COLUMN'],
  ])('%s takes something away, and is refused without its marker', (sql, what) => {
    expect(contractSteps(sql).map((step) => step.what)).toContain(what);
    const before = { name: '0001_before', sql: 'SELECT 1' };
    const faults = (marker: string) =>
      compatibilityFaults([before, { name: '0002_x', sql: `${marker}\n${sql};` }]);
    expect(faults('')).toEqual([expect.stringContaining('without "-- contract:')]);
    expect(faults('-- contract: 0.3.0 needs 0001_before')).toEqual([]);
    expect(faults('-- contract: 0.3.0 needs 0002_x')).toEqual(['0002_x: 0002_x is no migration before it']);
  });

  it.each([
    'ALTER TABLE tokens ADD COLUMN note text',
    'ALTER TABLE tokens ADD COLUMN tier integer NOT NULL DEFAULT 1',
    'ALTER TABLE tokens ALTER COLUMN name DROP NOT NULL',
    'CREATE INDEX by_name ON tokens (name)',
    'DROP INDEX by_name',
    '-- DROP TABLE tokens, one day',
    'CREATE FUNCTION lookup.f(a int DEFAULT 1) RETURNS int AS $$ $$; REVOKE EXECUTE ON FUNCTION lookup.f(int) FROM PUBLIC',
    "COMMENT ON TABLE tokens IS 'DROP TABLE tokens; DELETE FROM tokens'",
    '/* DROP TABLE tokens; /* DELETE FROM tokens; */ */ SELECT 1',
    'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $x$ DELETE FROM tokens; DROP TABLE t; $x$',
    'CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ TRUNCATE tokens $$',
    'ALTER TABLE tokens ADD note text, ADD COLUMN tier int NOT NULL DEFAULT 1, ALTER name DROP NOT NULL',
    'ALTER TABLE tokens ADD a uuid REFERENCES workspaces (id) ON DELETE SET NULL',
    'ALTER TABLE tokens ADD a int GENERATED ALWAYS AS (1) STORED NOT NULL',
    'ALTER TABLE tokens ADD a text UNIQUE',
    'ALTER TABLE tokens ADD a int; UPDATE tokens SET a = coalesce(length(name), 0) WHERE a IS NULL',
    'ALTER TABLE tokens VALIDATE CONSTRAINT c',
    `ALTER TYPE mood ADD VALUE 'x'`,
    "INSERT INTO plans VALUES ('x') ON CONFLICT DO NOTHING",
    'CREATE TABLE t (a int, b int REFERENCES t (a)); ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f(); DELETE FROM t; DROP TRIGGER g ON t',
    'CREATE TABLE public.t (a int); CREATE POLICY p ON t AS RESTRICTIVE USING (true); REVOKE ALL ON TABLE t FROM PUBLIC',
    'SET LOCAL ROLE claviger_lookup; GRANT SELECT (a) ON tokens TO claviger_api',
    'ALTER DEFAULT PRIVILEGES IN SCHEMA lookup REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC',
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX u ON t (a); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)',
    'ALTER TABLE tokens DROP CONSTRAINT c; ALTER TABLE tokens ADD CONSTRAINT c CHECK (true)',
    'DROP POLICY p ON tokens; CREATE POLICY p ON tokens FOR SELECT TO claviger_lookup USING (true)',
    'DROP FUNCTION lookup.f(uuid, text); CREATE FUNCTION lookup.f(p_a uuid, p_b text) RETURNS jsonb AS $$ $$',
  ])('%s is fine beside older processes', (sql) => {
    expect(contractSteps(sql)).toEqual([]);
  });

  it('a refusal says why, and how to come there in two releases', () => {
    const [fault] = compatibilityFaults([{ name: '0002_x', sql: 'ALTER TABLE tokens DROP prefix; VACUUM' }]);
    expect(fault).toMatch(/^0002_x: DROP COLUMN, VACUUM, without "-- contract:/);
    expect(fault).toMatch(
      /\n {2}DROP COLUMN: processes of the release before still use it\. In two releases: use it no more/,
    );
    expect(fault).toMatch(
      /\n {2}VACUUM: it is not on the list .+\. In two releases: write it as statements of that list/,
    );
  });

  it.each(["SELECT 'a", 'SELECT "a', '/* SELECT 1', 'SELECT $a$ b', "SELECT E'a\\'"])(
    '%s, which has no end, is not guessed at',
    (sql) => {
      expect(() => contractSteps(sql)).toThrow(/end/);
    },
  );

  it('a marker that nothing needs is refused: it would stop processes for no reason', () => {
    const sql = '-- contract: 0.3.0 needs 0001_before\nCREATE TABLE t (a int)';
    expect(compatibilityFaults([{ name: '0002_x', sql }])).toEqual([
      '0002_x: nothing in it needs its contract marker',
    ]);
  });
});
