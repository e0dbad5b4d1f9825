import { ClavigerError } from '#lib/contracts';
import { validationFailed } from '#lib/http';
import { endOfString, endOfValue, isSpace } from './json-scan.js';

interface Span {
  /** Of the value, in bytes. */
  start: number;
  end: number;
}

const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;

/**
 * A JSON object as its bytes, with the places of its own members: what a call says is neither parsed nor copied. A member that is
 * there twice is refused: we and the provider might each believe another one.
 * @throws ClavigerError malformed_request, validation_failed
 */
export class JsonMembers {
  readonly #spans = new Map<string, Span>();
  /** Where the first member would stand. */
  readonly #first: number;

  constructor(readonly bytes: Buffer) {
    let at = skipSpace(bytes, 0);
    if (bytes[at] !== OPEN) throw noObject();
    this.#first = at + 1;
    at = skipSpace(bytes, at + 1);
    if (bytes[at] === CLOSE) at += 1;
    else at = this.#members(at);
    if (skipSpace(bytes, at) !== bytes.length) throw noObject();
  }

  has(name: string): boolean {
    return this.#spans.has(name);
  }

  get names(): string[] {
    return [...this.#spans.keys()];
  }

  /** The member's value, parsed; undefined when it is not there. */
  value(name: string): unknown {
    const span = this.#spans.get(name);
    if (!span) return undefined;
    try {
      return JSON.parse(this.bytes.toString('utf8', span.start, span.end));
    } catch {
      throw noObject();
    }
  }

  /** The whole object, parsed. */
  whole(): Record<string, unknown> {
    try {
      return JSON.parse(this.bytes.toString('utf8')) as Record<string, unknown>;
    } catch {
      throw noObject();
    }
  }

  /** The bytes with these members set, every other byte as it was. */
  with(changes: Record<string, unknown>): Buffer {
    const parts: Buffer[] = [];
    const added: string[] = [];
    const edits: (Span & { text: string })[] = [];
    for (const [name, value] of Object.entries(changes)) {
      const text = JSON.stringify(value);
      const span = this.#spans.get(name);
      if (span) edits.push({ ...span, text });
      else added.push(`${JSON.stringify(name)}:${text}`);
    }
    if (edits.length + added.length === 0) return this.bytes;
    const comma = added.length > 0 && this.#spans.size > 0 ? ',' : '';
    const front = { start: this.#first, end: this.#first, text: added.join(',') + comma };
    let from = 0;
    for (const { start, end, text } of [front, ...edits.sort((a, b) => a.start - b.start)]) {
      parts.push(this.bytes.subarray(from, start), Buffer.from(text, 'utf8'));
      from = end;
    }
    return Buffer.concat([...parts, this.bytes.subarray(from)]);
  }

  #members(from: number): number {
    const { bytes } = this;
    for (let at = from; ;) {
      if (bytes[at] !== QUOTE) throw noObject();
      const nameEnd = endOfString(bytes, at);
      const name = nameOf(bytes, at, nameEnd);
      at = skipSpace(bytes, nameEnd);
      if (bytes[at] !== COLON) throw noObject();
      const start = skipSpace(bytes, at + 1);
      const end = endOfValue(bytes, start);
      if (end < 0 || nameEnd < 0) throw noObject();
      if (this.#spans.has(name)) throw twice(name);
      this.#spans.set(name, { start, end });
      at = skipSpace(bytes, end);
      if (bytes[at] === CLOSE) return at + 1;
      if (bytes[at] !== COMMA) throw noObject();
      at = skipSpace(bytes, at + 1);
    }
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && isSpace(bytes[at] ?? 0)) at += 1;
  return at;
}

/** A name may be written with escapes: what counts is what it says. */
function nameOf(bytes: Buffer, start: number, end: number): string {
  if (end < 0) throw noObject();
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    throw noObject();
  }
}

function noObject(): ClavigerError {
  return new ClavigerError(
    'malformed_request',
    'The body is no well-formed JSON object. Check quotes, commas and brackets, and send it again.',
  );
}

function twice(name: string): ClavigerError {
  const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return validationFailed([
    { pointer, detail: 'This member is there twice. Which one counts would be a guess: send it once.' },
  ]);
}
