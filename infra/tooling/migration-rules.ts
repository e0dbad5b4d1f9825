// What a migration may do while processes of the release before it still run (ADR 0016). A step that takes something away,
// or asks for more than before, must say so in its file: `-- contract: <release> needs <migration>`.

/** A statement that processes which don't expect it can't live with. */
interface Rule {
  what: string;
  pattern: RegExp;
  /** Whether the rest of the file makes it harmless. */
  unless?: (match: RegExpExecArray, file: string, statement: string) => boolean;
}

const MARKER = /^-- contract: (\S+) needs (\S+)$/m;
const NAME = String.raw`(?:ONLY\s+)?(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?([\w.]+)"?`;

const RULES: Rule[] = [
  {
    what: 'DROP TABLE, VIEW, SCHEMA, SEQUENCE or TYPE',
    pattern: /\bDROP\s+(?:TABLE|VIEW|SCHEMA|SEQUENCE|TYPE)\b/i,
  },
  { what: 'DROP COLUMN', pattern: /\bDROP\s+COLUMN\b/i },
  { what: 'RENAME', pattern: /\bRENAME\b/i },
  { what: 'a changed type', pattern: /\bALTER\s+(?:COLUMN\s+)?"?\w+"?\s+(?:SET\s+DATA\s+)?TYPE\b/i },
  { what: 'ALTER TYPE', pattern: /\bALTER\s+TYPE\b(?![^;]*\bADD\s+VALUE\b)/i },
  { what: 'SET NOT NULL', pattern: /\bSET\s+NOT\s+NULL\b/i },
  { what: 'DROP DEFAULT', pattern: /\bDROP\s+DEFAULT\b/i },
  {
    what: 'a new column that must be given',
    pattern: /\bADD\s+(?:COLUMN\s+)(?:IF\s+NOT\s+EXISTS\s+)?"?\w+"?[^,;]*\bNOT\s+NULL\b[^,;]*/i,
    unless: ([text]) => /\bDEFAULT\b|\bGENERATED\b/i.test(text),
  },
  {
    what: 'DROP CONSTRAINT',
    pattern: new RegExp(String.raw`\bDROP\s+CONSTRAINT\s+${NAME}`, 'i'),
    unless: ([, name = ''], file) =>
      new RegExp(String.raw`\bADD\s+CONSTRAINT\s+"?${name}"?\s`, 'i').test(file),
  },
  {
    what: 'a constraint on a table that is in use',
    pattern: new RegExp(
      String.raw`\bALTER\s+TABLE\s+${NAME}[^;]*\bADD\s+(?:CONSTRAINT\s+"?(\w+)"?|UNIQUE|CHECK|FOREIGN|PRIMARY)`,
      'i',
    ),
    unless: ([, table = '', constraint], file) =>
      isNew(table, file) ||
      // Put in the place of one of the same name: whether it asks for more, the reviewer must see.
      (constraint !== undefined &&
        new RegExp(String.raw`\bDROP\s+CONSTRAINT\s+(?:IF\s+EXISTS\s+)?"?${constraint}\b`, 'i').test(file)),
  },
  {
    what: 'a unique index on a table that is in use',
    pattern: /\bCREATE\s+UNIQUE\s+INDEX\s+(?:\w+\s+)*?ON\s+"?([\w.]+)"?/i,
    unless: ([, table = ''], file) => isNew(table, file),
  },
  {
    what: 'row-level security on a table that is in use',
    pattern: new RegExp(String.raw`\bALTER\s+TABLE\s+${NAME}\s+(?:ENABLE|FORCE)\s+ROW\s+LEVEL`, 'i'),
    unless: ([, table = ''], file) => isNew(table, file),
  },
  {
    what: 'DROP POLICY',
    pattern: new RegExp(String.raw`\bDROP\s+POLICY\s+${NAME}\s+ON\s+"?([\w.]+)"?`, 'i'),
    unless: ([, name = '', table = ''], file) =>
      new RegExp(String.raw`\bCREATE\s+POLICY\s+"?${name}"?\s+ON\s+"?${table}\b`, 'i').test(file),
  },
  { what: 'REVOKE from a process', pattern: /\bREVOKE\b[^;]*\bFROM\b[^;]*\bclaviger_\w+/i },
  {
    what: 'DROP FUNCTION',
    pattern: new RegExp(String.raw`\bDROP\s+FUNCTION\s+${NAME}\s*(?:\(([^)]*)\))?`, 'i'),
    unless: ([, name = '', types = ''], file) =>
      functionsOf(file).some((made) => made.name === name && made.types === normal(types)),
  },
];

/** Which of its steps need the marker, in words. */
export function contractSteps(sql: string): string[] {
  const file = sql.replace(/--.*$/gm, '');
  return file.split(';').flatMap((statement) =>
    RULES.flatMap(({ what, pattern, unless }) => {
      const match = pattern.exec(statement);
      return match && !unless?.(match, file, statement) ? [what] : [];
    }),
  );
}

/** Every way in which the migrations break the contract with the release before; `names` in order. */
export function compatibilityFaults(files: readonly { name: string; sql: string }[]): string[] {
  return files.flatMap(({ name, sql }, index) => {
    const steps = contractSteps(sql);
    const [, , needs] = MARKER.exec(sql) ?? [];
    if (steps.length > 0 && needs === undefined)
      return [`${name}: ${steps.join(', ')}, without "-- contract: <release> needs <migration>"`];
    if (steps.length === 0 && needs !== undefined)
      return [`${name}: nothing in it needs its contract marker`];
    const earlier = files.slice(0, index).some((file) => file.name === needs);
    return needs === undefined || earlier ? [] : [`${name}: ${needs} is no migration before it`];
  });
}

function isNew(table: string, file: string): boolean {
  return new RegExp(String.raw`\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"?${table}\b`, 'i').test(file);
}

/** Functions that the file makes, with the types of what they take. */
function functionsOf(file: string): { name: string; types: string }[] {
  return [...file.matchAll(/\bCREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+"?([\w.]+)"?\s*\(([^)]*)\)/gi)].map(
    ([, name = '', list = '']) => ({
      name,
      // `p_name type DEFAULT …` → `type`
      types: normal(
        list.replace(/(^|,)\s*(?:IN\s+)?\w+\s+(?=\w)/gi, '$1').replace(/\s+(?:DEFAULT|=)[^,]*/gi, ''),
      ),
    }),
  );
}

function normal(types: string): string {
  return types
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\s*,\s*/g, ',')
    .trim();
}
