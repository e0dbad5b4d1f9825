// What a migration may do while processes of the release before it still run (ADR 0016): a list of kinds of statements that
// take nothing away and ask for nothing more. Whatever is not on it must say so in its file:
// `-- contract: <release> needs <migration>`.

import { madeBy, part, signature, type Made } from './migration-facts.js';
import { changes, changesRows, gone, stricter, unknown, type Step } from './migration-steps.js';
import { alterTableSteps, referenceSteps, shown } from './migration-tables.js';
import { Cursor, parted, statementsOf, type Token } from './sql-statements.js';

const MARKER = /^-- contract: (\S+) needs (\S+)$/m;

/** Which of its steps need the marker; one of each kind. */
export function contractSteps(sql: string): Step[] {
  const statements = statementsOf(sql);
  const made = madeBy(statements);
  const steps = statements.flatMap((statement) => stepsOf(statement, made));
  return [...new Map(steps.map((step) => [step.what, step])).values()];
}

/** Every way in which the migrations break the contract with the release before; `names` in order. */
export function compatibilityFaults(files: readonly { name: string; sql: string }[]): string[] {
  return files.flatMap(({ name, sql }, index) => {
    const steps = contractSteps(sql);
    const [, , needs] = MARKER.exec(sql) ?? [];
    if (steps.length > 0 && needs === undefined) return [unmarked(name, steps)];
    if (steps.length === 0 && needs !== undefined)
      return [`${name}: nothing in it needs its contract marker`];
    const earlier = files.slice(0, index).some((file) => file.name === needs);
    return needs === undefined || earlier ? [] : [`${name}: ${needs} is no migration before it`];
  });
}

function unmarked(name: string, steps: readonly Step[]): string {
  const whats = steps.map(({ what }) => what).join(', ');
  const reasons = steps.map(({ what, why, instead }) => `\n  ${what}: ${why}. In two releases: ${instead}.`);
  return `${name}: ${whats}, without "-- contract: <release> needs <migration>"${reasons.join('')}`;
}

type Judge = (cursor: Cursor, made: Made) => Step[];
const fine: Judge = () => [];
const always =
  (step: Step): Judge =>
  () => [step];

/** Kinds of statements by how they begin; the first that fits judges. What fits none is refused. */
const KINDS: [begins: string, judge: Judge][] = [
  // Until the transaction ends, which is the migration's.
  ['set local', fine],
  ['reset role', fine],
  ['comment on', fine],
  ['grant', fine],
  // Of what is made from now on.
  ['alter default privileges', fine],
  ['select', selectSteps],
  ['insert into', insertSteps],
  ['update', updateSteps],
  ['delete from', rowSteps('DELETE')],
  ['truncate', truncateSteps],
  ['create table', tableSteps],
  ['create index', fine],
  ['create unique index', indexSteps],
  ['create sequence', fine],
  ['create type', fine],
  ['create schema', fine],
  ['create view', fine],
  ['create or replace view', fine],
  ['create function', fine],
  // With the same arguments, or Postgres makes another one: what it answers may only become more, which a reviewer must see.
  ['create or replace function', fine],
  ['create procedure', fine],
  ['create policy', policySteps],
  ['create trigger', triggerSteps],
  ['create or replace trigger', triggerSteps],
  ['create constraint trigger', triggerSteps],
  ['alter table', alterTableSteps],
  ['alter policy', onTable('ALTER POLICY', changes)],
  ['alter type', alterTypeSteps],
  ['alter role', always(changes('ALTER ROLE'))],
  ['alter user', always(changes('ALTER ROLE'))],
  ['alter', alterSteps],
  ['drop index', fine],
  ['drop policy', dropPartSteps('policy')],
  ['drop trigger', dropPartSteps('trigger')],
  ['drop function', dropFunctionSteps],
  ['drop procedure', dropFunctionSteps],
  ['drop routine', dropFunctionSteps],
  ...['table', 'view', 'schema', 'sequence', 'type', 'materialized view', 'domain'].map(
    (kind): [string, Judge] => [`drop ${kind}`, always(gone('DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE'))],
  ),
  ['revoke', revokeSteps],
  ['do', always(unknown('a DO block'))],
];

function stepsOf(statement: Token[], made: Made): Step[] {
  const cursor = new Cursor(statement);
  const kind = KINDS.find(([begins]) => cursor.sees(begins));
  if (!kind) return [unknown(shown(cursor))];
  cursor.takes(kind[0]);
  return kind[1](cursor, made);
}

/** A function that is called may do anything. */
function selectSteps(cursor: Cursor): Step[] {
  return cursor.rest.some(({ text }) => text === '(' || text === 'into')
    ? [unknown('SELECT of a function')]
    : [];
}

function insertSteps(cursor: Cursor, made: Made): Step[] {
  if (made.tables.has(cursor.name())) return [];
  return cursor.until('on conflict') && cursor.until('do update') ? [changesRows('UPDATE')] : [];
}

/** Filling columns that the file makes changes nothing that older processes read. */
function updateSteps(cursor: Cursor, made: Made): Step[] {
  cursor.takes('only');
  const table = cursor.name();
  if (made.tables.has(table) || !cursor.until('set')) return [];
  cursor.takes('set');
  const set: Token[] = [];
  while (!cursor.done && !cursor.sees('where') && !cursor.sees('from')) {
    if (cursor.sees('(')) set.push(...bracketed(cursor));
    else set.push(cursor.next()!);
  }
  const columns = parted(set).map((item) => item[0]!.text);
  return columns.every((column) => made.columns.has(`${table}.${column}`)) ? [] : [changesRows('UPDATE')];
}

/** A bracket with what it holds, as it stood. */
function bracketed(cursor: Cursor): Token[] {
  const sign = (text: string): Token => ({ kind: 'sign', text });
  return [sign('('), ...cursor.bracket(), sign(')')];
}

function rowSteps(what: string): Judge {
  return (cursor, made) => {
    cursor.takes('only');
    return made.tables.has(cursor.name()) ? [] : [changesRows(what)];
  };
}

function truncateSteps(cursor: Cursor, made: Made): Step[] {
  cursor.takes('table');
  return parted(cursor.rest).flatMap((item) => rowSteps('TRUNCATE')(new Cursor(item), made));
}

function tableSteps(cursor: Cursor, made: Made): Step[] {
  if (cursor.takes('if not exists')) return [unknown('CREATE TABLE IF NOT EXISTS')];
  cursor.name();
  if (cursor.sees('partition of')) return [changes('CREATE TABLE … PARTITION OF')];
  const columns = new Cursor(cursor.bracket());
  if (cursor.until('inherits')) return [changes('CREATE TABLE … INHERITS')];
  return parted(columns.tokens).flatMap((element) => {
    const inside = new Cursor(element);
    return inside.until('references') && inside.takes('references') ? referenceSteps(inside, made) : [];
  });
}

function indexSteps(cursor: Cursor, made: Made): Step[] {
  const on = cursor.until('on') && cursor.takes('on');
  cursor.takes('only');
  return on && made.tables.has(cursor.name()) ? [] : [stricter('a unique index on a table that is in use')];
}

/** Permissive policies let more through; a restrictive one lets less. */
function policySteps(cursor: Cursor, made: Made): Step[] {
  if (cursor.rest.every(({ text }) => text !== 'restrictive')) return [];
  return onTable('a RESTRICTIVE policy', stricter)(cursor, made);
}

function triggerSteps(cursor: Cursor, made: Made): Step[] {
  return onTable('a trigger on a table that is in use', stricter)(cursor, made);
}

/** Fine on a table that the file makes. */
function onTable(what: string, step: (what: string) => Step): Judge {
  return (cursor, made) => {
    cursor.name();
    const on = cursor.until('on') && cursor.takes('on');
    return on && made.tables.has(cursor.name()) ? [] : [step(what)];
  };
}

function alterTypeSteps(cursor: Cursor): Step[] {
  cursor.name();
  return cursor.sees('add value') ? [] : [changes('ALTER TYPE')];
}

/** ALTER of anything else: of functions, views, sequences, schemas, extensions, the system. */
function alterSteps(cursor: Cursor): Step[] {
  const kind = shown(cursor).split(' ')[0];
  const look = new Cursor(cursor.rest);
  if (look.until('rename')) return [gone('RENAME')];
  return new Cursor(cursor.rest).until('set schema') ? [gone('SET SCHEMA')] : [changes(`ALTER ${kind}`)];
}

function dropPartSteps(kind: 'policy' | 'trigger'): Judge {
  return (cursor, made) => {
    cursor.takes('if exists');
    const name = cursor.name();
    const table = cursor.takes('on') ? cursor.name() : '';
    const again = made.tables.has(table) || made.parts.has(part(kind, name, table));
    return again ? [] : [gone(`DROP ${kind.toUpperCase()}`)];
  };
}

/** Fine where the file makes one with the same arguments again. */
function dropFunctionSteps(cursor: Cursor, made: Made): Step[] {
  cursor.takes('if exists');
  const cascades = cursor.rest.at(-1)?.text === 'cascade';
  const again = parted(cursor.rest).every((item) => made.functions.has(signature(new Cursor(item), false)));
  return again && !cascades ? [] : [gone('DROP FUNCTION')];
}

/** Fine where everything that it names is made by the file. */
function revokeSteps(cursor: Cursor, made: Made): Step[] {
  const text = cursor.rest.map((token) => token.text);
  const processes = text.slice(text.lastIndexOf('from')).some((word) => word.startsWith('claviger_'));
  const step = gone(processes ? 'REVOKE from a process' : 'REVOKE from PUBLIC');
  if (!cursor.until('on') || !cursor.takes('on')) return [step];
  const functions = cursor.takes('function');
  cursor.takes('table');
  const named: Token[] = [];
  while (!cursor.done && !cursor.sees('from'))
    if (cursor.sees('(')) named.push(...bracketed(cursor));
    else named.push(cursor.next()!);
  const isNew = (item: Token[]) =>
    functions
      ? made.functions.has(signature(new Cursor(item), false))
      : made.tables.has(new Cursor(item).name());
  return parted(named).every(isNew) ? [] : [step];
}
