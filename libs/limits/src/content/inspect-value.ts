import type { CompiledRules } from './compile-rules.js';
import { Efforts } from './efforts.js';
import type { Finding, Verdict } from './findings.js';
import { readText, type Inspection } from './inspect-text.js';
import type { Direction } from './rules.js';
import { atOnce, TURNS } from './turns.js';

/** A finding in one text of a larger value; `pointer` is that text's JSON pointer (RFC 6901), with `~key` behind it for a member's name. */
export interface PlacedFinding extends Finding {
  pointer: string;
}

/** Reads until the next place where it may be interrupted. */
export type Reading<T> = Generator<void, T>;

export interface ValueInspection<T> {
  findings: PlacedFinding[];
  /** Of the same shape, with everything replaced that a rule redacts or blocks. */
  value: T;
  verdict: Verdict;
}

/** No kind of personal data is as short, but for mail and IPv6 addresses. Half a million small numbers fit into one call. */
function isTooShort(text: string): boolean {
  return text.length < 7 && !/[@:\uff20\uff1a]/.test(text);
}

/** Collects what the texts of one call come to. May be interrupted wherever it yields. */
export class ValueInspector {
  readonly findings: PlacedFinding[] = [];
  verdict: Verdict = 'pass';
  readonly #efforts = new Efforts();

  constructor(
    private readonly rules: CompiledRules,
    private readonly on: Direction,
  ) {}

  *text(text: string, pointer: string): Reading<string> {
    if (this.rules.patterns.length === 0 && isTooShort(text)) {
      yield;
      return text;
    }
    const inspection = yield* readText(this.rules, text, this.on, this.#efforts);
    this.#note(inspection, pointer);
    yield;
    return inspection.text;
  }

  /** Any JSON: strings, the names of members, and numbers, which may be cards as well. */
  *value(value: unknown, pointer: string): Reading<unknown> {
    if (typeof value === 'string') return yield* this.text(value, pointer);
    if (typeof value === 'number') {
      const written = String(value);
      const safe = yield* this.text(written, pointer);
      return safe === written ? value : safe;
    }
    if (Array.isArray(value)) return yield* this.#items(value, pointer);
    return typeof value === 'object' && value !== null ? yield* this.#members(value, pointer) : value;
  }

  *#items(items: unknown[], pointer: string): Reading<unknown[]> {
    const safe: unknown[] = [];
    for (const [index, item] of items.entries()) safe.push(yield* this.value(item, `${pointer}/${index}`));
    return safe;
  }

  *#members(value: object, pointer: string): Reading<Record<string, unknown>> {
    const members: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const [name, member] of Object.entries(value)) {
      const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const safe = yield* this.text(name, `${at}~key`);
      let free = safe;
      for (let count = 2; free in members; count += 1) free = `${safe} (${count})`;
      members[free] = yield* this.value(member, at);
    }
    return { ...members };
  }

  #note({ findings, verdict }: Inspection, pointer: string): void {
    for (const finding of findings) this.findings.push({ ...finding, pointer });
    if (verdict === 'block' || this.verdict === 'pass') this.verdict = verdict;
  }
}

/** Inspects every text of a JSON value, such as a tool's input or output, in turns with everything else that this process reads. */
export function inspectValue(
  rules: CompiledRules,
  value: unknown,
  on: Direction,
): Promise<ValueInspection<unknown>> {
  return TURNS.run(readValue(rules, value, on));
}

/** The same at once, for a value that is short by its nature, such as one event of a stream. */
export function inspectAtOnce(rules: CompiledRules, value: unknown, on: Direction): ValueInspection<unknown> {
  return atOnce(readValue(rules, value, on));
}

function* readValue(rules: CompiledRules, value: unknown, on: Direction): Reading<ValueInspection<unknown>> {
  const inspector = new ValueInspector(rules, on);
  const safe = yield* inspector.value(value, '');
  return { findings: inspector.findings, value: safe, verdict: inspector.verdict };
}
