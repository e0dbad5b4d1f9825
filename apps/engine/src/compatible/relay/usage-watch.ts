import type { TokenUse } from '../../pipeline/cost.js';
import { tokensIn } from '../../pipeline/estimate.js';
import { JsonMembers } from '../body/json-members.js';
import { dataOf } from './sse-event.js';

/** Where a vendor says what a call used. */
export interface UsageForm {
  /** The member's name. */
  member: string;
  /** How text begins in a piece of a stream, e.g. `"content":"`. */
  texts: readonly string[];
  /** What the parsed answers or events that have the member come to; null: nothing useful. */
  tokens(first: unknown, last: unknown): Partial<TokenUse> | null;
  /** The model that served, as they say it; of an answer that is no stream `last` has what `modelMember` holds. */
  model(first: unknown, last: unknown): unknown;
  modelMember: string;
}

const LARGEST_INT = 2_147_483_647;
const QUOTE = 0x22;
const TAIL_BYTES = 16_384;

/**
 * Finds what a call used in its answer without parsing the answer: the events that say so are kept and read at the end. Of a stream
 * that was cut, what was said by then is kept, and the text that came is counted by its length.
 */
export class UsageWatch {
  readonly #needle: Buffer;
  readonly #texts: readonly Buffer[];
  /** Undefined: to be read anew. */
  #reported: Partial<TokenUse> | null | undefined;
  #first: Buffer | undefined;
  #last: Buffer | undefined;
  #whole: unknown;
  #wholeModel: unknown;
  #model: string | null = null;
  #received = 0;

  constructor(private readonly form: UsageForm) {
    const { needle, texts } = needlesOf(form);
    this.#needle = needle;
    this.#texts = texts;
  }

  /** One whole event of a stream. */
  event(event: Buffer): void {
    for (const text of this.#texts) {
      const at = event.indexOf(text);
      if (at !== -1) this.#received += lengthOfString(event, at + text.length);
    }
    const at = event.indexOf(this.#needle);
    if (at === -1 || isNull(event, at + this.#needle.length)) return;
    this.#first ??= event;
    this.#last = event;
    this.#reported = undefined;
  }

  /** A whole answer that was no stream, or the end of one that was too long to keep. */
  body(bytes: Buffer, isWhole: boolean): void {
    this.#received += bytes.length;
    this.#reported = undefined;
    const members = isWhole ? membersOf(bytes) : undefined;
    this.#whole = members && memberOf(members, this.form.member);
    this.#wholeModel = members && memberOf(members, this.form.modelMember);
    this.#whole ??= inTail(bytes, this.#needle);
  }

  /** Text that came of an answer, in characters, as far as it can be told. */
  get received(): number {
    return this.#received;
  }

  /** What the vendor reported; null: nothing yet. Of a stream that was cut it may be the input alone. */
  reported(): Partial<TokenUse> | null {
    this.#reported = this.#reported === undefined ? this.#read() : this.#reported;
    return this.#reported;
  }

  /** The model that the vendor says it was; null: it does not say, or not yet. */
  get model(): string | null {
    this.reported();
    return this.#model;
  }

  #read(): Partial<TokenUse> | null {
    const { form } = this;
    if (this.#whole !== undefined)
      return this.#readFrom(undefined, { [form.member]: this.#whole, [form.modelMember]: this.#wholeModel });
    const [first, last] = [this.#first, this.#last].map((event) => event && dataOf(event));
    return last === undefined ? null : this.#readFrom(first, last);
  }

  #readFrom(first: unknown, last: unknown): Partial<TokenUse> | null {
    const named = this.form.model(first, last);
    this.#model = typeof named === 'string' ? named : null;
    return bounded(this.form.tokens(first, last));
  }

  /** What is known of a call that was cut off: what was reported, the rest by the length of what was sent and received. */
  known(sentBytes: number): TokenUse {
    const said = this.reported();
    const outputTokens = Math.max(said?.outputTokens ?? 0, tokensIn(this.#received));
    return {
      inputTokens: said?.inputTokens ?? tokensIn(sentBytes),
      outputTokens,
      cachedInputTokens: said?.cachedInputTokens ?? 0,
      reasoningTokens: said?.reasoningTokens ?? 0,
    };
  }
}

/** A form is one of few and never changes: what is looked for is made once. */
const needles = new WeakMap<UsageForm, { needle: Buffer; texts: readonly Buffer[] }>();

function needlesOf(form: UsageForm) {
  const known = needles.get(form);
  if (known) return known;
  const made = {
    needle: Buffer.from(`"${form.member}"`),
    texts: form.texts.map((text) => Buffer.from(text)),
  };
  needles.set(form, made);
  return made;
}

function lengthOfString(event: Buffer, from: number): number {
  const end = event.indexOf(QUOTE, from);
  return (end === -1 ? event.length : end) - from;
}

function isNull(event: Buffer, from: number): boolean {
  return /^\s*:\s*null/.test(event.toString('latin1', from, from + 12));
}

function membersOf(bytes: Buffer): JsonMembers | undefined {
  try {
    return new JsonMembers(bytes);
  } catch {
    return undefined;
  }
}

function memberOf(members: JsonMembers, name: string): unknown {
  try {
    return members.value(name);
  } catch {
    return undefined;
  }
}

/** The last member of this name near the end: inside of a string its quotes would be escaped. */
function inTail(bytes: Buffer, needle: Buffer): unknown {
  const tail = bytes.subarray(-TAIL_BYTES);
  const at = tail.lastIndexOf(needle);
  if (at === -1) return undefined;
  const open = tail.indexOf(0x7b, at + needle.length);
  for (let end = tail.indexOf(0x7d, open); open !== -1 && end !== -1; end = tail.indexOf(0x7d, end + 1)) {
    try {
      return JSON.parse(tail.toString('utf8', open, end + 1)) as unknown;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Counts as the database can hold them; what is no count is left out. */
function bounded(use: Partial<TokenUse> | null): Partial<TokenUse> | null {
  if (!use) return null;
  const counts = Object.entries(use).flatMap(([name, count]) =>
    Number.isFinite(count) ? [[name, Math.min(LARGEST_INT, Math.max(0, Math.trunc(count)))] as const] : [],
  );
  return Object.fromEntries(counts);
}
