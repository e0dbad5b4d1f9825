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

/** Came before any release: there was no process to break. */
const BEFORE_THE_FIRST_RELEASE = [
  '0002_rls: row-level security',
  '0009_lookup_columns: REVOKE from a process',
  '0014_org_kms_keys: a constraint on a table that is in use',
];

describe('migrations', () => {
  it('only add what the release before can ignore, unless they say which release takes something away', () => {
    const faults = compatibilityFaults(migrationsOf('prisma/migrations'));
    expect(
      faults.filter((fault) => !BEFORE_THE_FIRST_RELEASE.some((known) => fault.startsWith(known))),
    ).toEqual([]);
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
  ])('%s takes something away, and is refused without its marker', (sql, what) => {
    expect(contractSteps(sql)).toContain(what);
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
    'REVOKE EXECUTE ON FUNCTION lookup.new_one() FROM PUBLIC',
    'CREATE TABLE t (a int); CREATE UNIQUE INDEX u ON t (a); ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)',
    'ALTER TABLE tokens DROP CONSTRAINT c; ALTER TABLE tokens ADD CONSTRAINT c CHECK (true)',
    'DROP POLICY p ON tokens; CREATE POLICY p ON tokens FOR SELECT TO claviger_lookup USING (true)',
    'DROP FUNCTION lookup.f(uuid, text); CREATE FUNCTION lookup.f(p_a uuid, p_b text) RETURNS jsonb AS $$ $$',
  ])('%s is fine beside older processes', (sql) => {
    expect(contractSteps(sql)).toEqual([]);
  });

  it('a marker that nothing needs is refused: it would stop processes for no reason', () => {
    const sql = '-- contract: 0.3.0 needs 0001_before\nCREATE TABLE t (a int)';
    expect(compatibilityFaults([{ name: '0002_x', sql }])).toEqual([
      '0002_x: nothing in it needs its contract marker',
    ]);
  });
});
