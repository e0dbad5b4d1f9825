import { addsColumn, part, tableOf, type Made } from './migration-facts.js';
import { changes, gone, stricter, unknown, type Step } from './migration-steps.js';
import { Cursor, parted } from './sql-statements.js';

/** Each action of an ALTER TABLE, whose keywords have been read; a table that the same file makes may be anything. */
export function alterTableSteps(cursor: Cursor, made: Made): Step[] {
  const table = tableOf(cursor);
  if (made.tables.has(table)) return [];
  return parted(cursor.rest).flatMap((action) => actionSteps(new Cursor(action), table, made));
}

/** Actions that take nothing away and ask for nothing more. */
const HARMLESS = ['validate constraint', 'set (', 'reset (', 'set without cluster', 'cluster on'];

function actionSteps(cursor: Cursor, table: string, made: Made): Step[] {
  if (HARMLESS.some((words) => cursor.sees(words))) return [];
  if (cursor.sees('rename')) return [gone('RENAME')];
  if (cursor.sees('set schema')) return [gone('SET SCHEMA')];
  if (cursor.takes('drop')) return dropSteps(cursor, table, made);
  if (addsColumn(cursor)) return columnSteps(cursor, made);
  if (cursor.takes('add')) return constraintSteps(cursor, table, made);
  if (cursor.takes('alter')) return alterColumnSteps(cursor);
  return [securityStep(cursor) ?? unknown(`ALTER TABLE … ${shown(cursor)}`)];
}

function securityStep(cursor: Cursor): Step | null {
  if (['enable', 'force'].some((word) => cursor.sees(`${word} row level security`)))
    return stricter('row-level security on a table that is in use');
  if (['disable', 'no force'].some((words) => cursor.sees(`${words} row level security`)))
    return changes('a table without its row-level security');
  return null;
}

function dropSteps(cursor: Cursor, table: string, made: Made): Step[] {
  if (cursor.takes('constraint')) {
    cursor.takes('if exists');
    return made.parts.has(part('constraint', cursor.name(), table)) ? [] : [gone('DROP CONSTRAINT')];
  }
  return [gone('DROP COLUMN')];
}

/** A column that older processes don't know: they neither give it a value nor read it. */
function columnSteps(cursor: Cursor, made: Made): Step[] {
  cursor.name();
  const [has, at] = [new Cursor(cursor.rest), cursor];
  const given = has.until('default', 'generated');
  const steps: Step[] = [];
  while (at.until('not null', 'unique', 'primary key', 'references')) {
    if (at.takes('not null')) {
      if (!given) steps.push(stricter('a new column that must be given'));
    } else if (at.takes('references')) {
      steps.push(...referenceSteps(at, made));
    } else {
      // Rows of older processes have all the same default here.
      at.next();
      if (given || at.takes('key')) steps.push(stricter('a constraint on a table that is in use'));
    }
  }
  return steps;
}

/** A reference, behind its keyword, to a table whose rows older processes delete without knowing of it. */
export function referenceSteps(cursor: Cursor, made: Made): Step[] {
  const table = cursor.name();
  if (made.tables.has(table)) return [];
  const rest = new Cursor(cursor.rest);
  const lets = rest.until('on delete', 'references') && rest.takes('on delete');
  if (lets && ['cascade', 'set null', 'set default'].some((words) => rest.sees(words))) return [];
  return [stricter('a reference that keeps rows of a table in use from being deleted')];
}

function constraintSteps(cursor: Cursor, table: string, made: Made): Step[] {
  // Put in the place of one of the same name: whether it asks for more, the reviewer must see.
  if (cursor.takes('constraint') && made.parts.has(part('dropped', cursor.name(), table))) return [];
  return [stricter('a constraint on a table that is in use')];
}

/** `ALTER [COLUMN] name …` */
function alterColumnSteps(cursor: Cursor): Step[] {
  if (cursor.takes('constraint')) return [changes('ALTER CONSTRAINT')];
  cursor.takes('column');
  cursor.name();
  if (cursor.sees('type') || cursor.sees('set data type')) return [changes('a changed type')];
  if (cursor.sees('set not null')) return [stricter('SET NOT NULL')];
  if (cursor.sees('drop default')) return [stricter('DROP DEFAULT')];
  if (cursor.sees('set generated') || cursor.sees('add generated')) return [stricter('SET GENERATED')];
  const harmless = [
    'drop not null',
    'set default',
    'set statistics',
    'set storage',
    'set compression',
    'set (',
  ];
  return harmless.some((words) => cursor.sees(words)) ? [] : [unknown(`ALTER COLUMN … ${shown(cursor)}`)];
}

/** How what comes next begins, for a message. */
export function shown(cursor: Cursor): string {
  const words = cursor.rest.slice(0, 3).map(({ kind, text }) => (kind === 'word' ? text.toUpperCase() : '…'));
  return words.join(' ');
}
