import { Cursor, parted, type Token } from './sql-statements.js';

/** What a file makes: what it does to these takes nothing from processes that don't know them. */
export interface Made {
  tables: Set<string>;
  /** `name(type,type)` */
  functions: Set<string>;
  /** `table.column` */
  columns: Set<string>;
  /** `policy|trigger|constraint|dropped name table`; what is dropped are constraints. */
  parts: Set<string>;
}

export const part = (kind: 'policy' | 'trigger' | 'constraint' | 'dropped', name: string, table: string) =>
  `${kind} ${name} ${table}`;

export function madeBy(statements: readonly Token[][]): Made {
  const made: Made = { tables: new Set(), functions: new Set(), columns: new Set(), parts: new Set() };
  for (const statement of statements) note(new Cursor(statement), made);
  return made;
}

function note(cursor: Cursor, made: Made): void {
  // IF NOT EXISTS may mean that it is there already: such a table counts as one in use.
  if (cursor.takes('create table')) {
    if (!cursor.sees('if')) made.tables.add(cursor.name());
  } else if (cursor.takes('alter table')) {
    const table = tableOf(cursor);
    for (const action of parted(cursor.rest)) noteAction(new Cursor(action), table, made);
  } else if (cursor.takes('create')) {
    cursor.takes('or replace');
    cursor.takes('constraint');
    if (cursor.takes('function') || cursor.takes('procedure')) made.functions.add(signature(cursor, true));
    else if (cursor.takes('policy')) notePart(cursor, 'policy', made);
    else if (cursor.takes('trigger')) notePart(cursor, 'trigger', made);
  }
}

function notePart(cursor: Cursor, kind: 'policy' | 'trigger', made: Made): void {
  const name = cursor.name();
  if (cursor.until('on') && cursor.takes('on')) made.parts.add(part(kind, name, cursor.name()));
}

function noteAction(cursor: Cursor, table: string, made: Made): void {
  if (cursor.takes('drop constraint')) {
    cursor.takes('if exists');
    made.parts.add(part('dropped', cursor.name(), table));
  } else if (cursor.takes('add constraint')) made.parts.add(part('constraint', cursor.name(), table));
  else if (addsColumn(cursor)) made.columns.add(`${table}.${cursor.name()}`);
}

const CONSTRAINTS = ['constraint', 'unique', 'check', 'primary key', 'foreign key', 'exclude'];

/** Steps to the name of a column that is added; the keyword COLUMN may be left out. */
export function addsColumn(cursor: Cursor): boolean {
  if (CONSTRAINTS.some((words) => cursor.sees(`add ${words}`)) || !cursor.takes('add')) return false;
  cursor.takes('column');
  cursor.takes('if not exists');
  return true;
}

/** The table of an ALTER TABLE, whose keywords have been read. */
export function tableOf(cursor: Cursor): string {
  cursor.takes('if exists');
  cursor.takes('only');
  const table = cursor.name();
  cursor.takes('*');
  return table;
}

/** `name(type,type)` of a function; of one that is made, its parameters have names and may have defaults. */
export function signature(cursor: Cursor, named: boolean): string {
  const name = cursor.name();
  const types = parted(cursor.bracket()).map((parameter) => {
    const end = parameter.findIndex(({ text }) => text === 'default' || text === '=');
    const words = (end < 0 ? parameter : parameter.slice(0, end)).map(({ text }) => text);
    const from = named && words.length > 1 ? (words[0] === 'in' || words[0] === 'variadic' ? 2 : 1) : 0;
    return words.slice(from).join(' ');
  });
  return `${name}(${types.join(',')})`;
}
