// Reads a migration as statements made of tokens, so that a rule speaks of what Postgres would see: what stands in a comment,
// a string or a function's body is not taken for a statement, and nothing hides behind one.

/** One token. `text` of a word is in lower case; of a quoted name it is the name itself. */
export interface Token {
  kind: 'word' | 'name' | 'string' | 'sign';
  text: string;
}

/** The parts of SQL that are skipped or kept whole, tried in this order at each place. */
const PARTS: [kind: Token['kind'] | 'blank', pattern: RegExp][] = [
  ['blank', /\s+|--[^\n]*/y],
  ['string', /(?:\b[eE])'(?:[^'\\]|\\[^]|'')*'/y],
  ['string', /(?:\b(?:[bBxX]|[uU]&))?'(?:[^']|'')*'/y],
  ['name', /(?:\b[uU]&)?"(?:[^"]|"")*"/y],
  ['string', /\$([\p{L}_][\p{L}\p{N}_]*)?\$[^]*?\$\1\$/uy],
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['string', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['sign', /[^]/y],
];

/** The statements of a file, in their order; empty ones left out. Throws where a comment, string or body has no end. */
export function statementsOf(sql: string): Token[][] {
  const statements: Token[][] = [[]];
  let depth = 0;
  for (const token of tokensOf(sql)) {
    if (token.kind === 'sign' && token.text === '(') depth += 1;
    if (token.kind === 'sign' && token.text === ')') depth -= 1;
    if (token.kind === 'sign' && token.text === ';' && depth === 0) statements.push([]);
    else statements.at(-1)!.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      continue;
    }
    const [kind, text] = partAt(sql, at);
    at += text.length;
    if (kind === 'blank') continue;
    const open = kind === 'sign' ? /['"$]/.test(text) : /^e$/i.test(text) && sql[at] === "'";
    if (open) throw new Error(`a quote without an end: ${sql.slice(at - 1, at + 30)}`);
    tokens.push({ kind, text: textOf(kind, text) });
  }
  return tokens;
}

function partAt(sql: string, at: number): [Token['kind'] | 'blank', string] {
  for (const [kind, pattern] of PARTS) {
    pattern.lastIndex = at;
    const match = pattern.exec(sql);
    if (match) return [kind, match[0]];
  }
  throw new Error('unreachable: a sign is anything');
}

function textOf(kind: Token['kind'], text: string): string {
  if (kind === 'word') return text.toLowerCase();
  if (kind === 'name') return text.slice(text.indexOf('"') + 1, -1).replaceAll('""', '"');
  return text;
}

/** Comments nest in Postgres. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    const pair = sql.slice(at, at + 2);
    if (pair === '/*') depth += 1;
    if (pair === '*/') depth -= 1;
    if (pair === '/*' || pair === '*/') at += 1;
    if (depth === 0) return at + 1;
  }
  throw new Error('a comment without an end');
}

/** Reads a statement word by word. Names compare without the schema that every table of ours is in. */
export class Cursor {
  #at = 0;
  constructor(readonly tokens: readonly Token[]) {}

  get rest(): readonly Token[] {
    return this.tokens.slice(this.#at);
  }
  get done(): boolean {
    return this.#at >= this.tokens.length;
  }

  /** Whether these words come next. */
  sees(words: string): boolean {
    return words.split(' ').every((word, ahead) => {
      const token = this.tokens[this.#at + ahead];
      return token !== undefined && token.kind !== 'name' && token.kind !== 'string' && token.text === word;
    });
  }

  /** Steps over these words if they come next. */
  takes(words: string): boolean {
    const seen = this.sees(words);
    if (seen) this.#at += words.split(' ').length;
    return seen;
  }

  /** Steps over one token. */
  next(): Token | undefined {
    const token = this.tokens[this.#at];
    this.#at += 1;
    return token;
  }

  /** Steps over a name, with its schema if it has one; '' where none is. */
  name(): string {
    const parts: string[] = [];
    do {
      const token = this.next();
      if (token?.kind !== 'word' && token?.kind !== 'name') return '';
      parts.push(token.text);
    } while (this.takes('.'));
    return (parts[0] === 'public' && parts.length > 1 ? parts.slice(1) : parts).join('.');
  }

  /** Steps over everything up to its matching bracket; the tokens between. Empty where no bracket opens. */
  bracket(): Token[] {
    if (!this.takes('(')) return [];
    const inside: Token[] = [];
    for (let depth = 1, token = this.next(); token; token = this.next()) {
      if (token.kind === 'sign' && token.text === '(') depth += 1;
      if (token.kind === 'sign' && token.text === ')') depth -= 1;
      if (depth === 0) break;
      inside.push(token);
    }
    return inside;
  }

  /** Steps over words until one of these comes next, or the end; what is in brackets is not looked at. */
  until(...ends: string[]): boolean {
    while (!this.done) {
      if (ends.some((words) => this.sees(words))) return true;
      if (this.sees('(')) this.bracket();
      else this.next();
    }
    return false;
  }
}

/** The parts of a list, by its commas outside of brackets. */
export function parted(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    const sign = token.kind === 'sign' ? token.text : '';
    if (sign === '(' || sign === '[') depth += 1;
    if (sign === ')' || sign === ']') depth -= 1;
    if (sign === ',' && depth === 0) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter((part) => part.length > 0);
}
