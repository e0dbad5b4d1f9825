import { scannersFor, type CompiledRules } from './compile-rules.js';
import { Efforts } from './efforts.js';
import { replacementFor, type Finding, type Verdict } from './findings.js';
import { findingsOf, spanOf, type Group } from './grouping.js';
import { Panel } from './panel.js';
import type { Direction } from './rules.js';
import { atOnce } from './turns.js';

/** Units that are read before a reader may be interrupted: about a millisecond of work. */
const PART = 8_192;

/**
 * Inspects a text that arrives in pieces and gives out what is safe of it as early as the rules allow. However the text is cut, the
 * pieces given out, joined, are what `inspectText` makes of the whole, up to the first place that blocks; from there on nothing is
 * given out. Built-in kinds keep back 512 units at most, patterns what ./patterns/pattern-scanner.ts says; rules that only detect keep
 * back nothing.
 */
export class StreamInspector {
  /** Places in the original text, in its order within the rules that act and within those that only tell. */
  readonly findings: Finding[] = [];
  verdict: Verdict = 'pass';

  readonly #stopAtBlock: boolean;
  readonly #acting: Panel;
  readonly #telling: Panel;
  /** Offset in the original up to which text was given out or replaced. */
  #given = 0;
  #out: string[] = [];
  #stopped = false;

  constructor(
    rules: CompiledRules,
    on: Direction,
    { stopAtBlock = true, efforts = new Efforts() }: { stopAtBlock?: boolean; efforts?: Efforts } = {},
  ) {
    this.#stopAtBlock = stopAtBlock;
    this.#acting = new Panel(scannersFor(rules, on, true, efforts));
    this.#telling = new Panel(scannersFor(rules, on, false, efforts));
  }

  /** Takes the next piece; answers what has become safe, possibly nothing. */
  push(delta: string): string {
    if (this.#telling.idle && this.#acting.idle && !this.#stopped) return delta;
    return atOnce(this.read(delta, false));
  }

  /** Says that nothing follows; answers the rest. */
  end(): string {
    return atOnce(this.read('', true));
  }

  /** Takes a piece of any size and reads it in parts, to be interrupted wherever it yields; `ended`: nothing follows. */
  *read(text: string, ended: boolean): Generator<void, string> {
    const safe: string[] = [];
    for (let at = 0; at === 0 || at < text.length; at += PART) {
      if (at > 0) yield;
      safe.push(yield* this.#part(text.slice(at, at + PART), ended && at + PART >= text.length));
    }
    return safe.join('');
  }

  *#part(delta: string, ended: boolean): Generator<void, string> {
    if (this.#stopped || (delta === '' && !ended)) return '';
    if (!this.#telling.idle && (this.#telling.feed(delta) || ended)) yield* this.#tell(ended);
    if (this.#acting.idle) return delta;
    return this.#acting.feed(delta) || ended ? yield* this.#act(ended) : '';
  }

  *#tell(ended: boolean): Generator<void, void> {
    for (let more = true; more;) {
      const look = this.#telling.look(ended);
      for (const group of look.groups) this.findings.push(...findingsOf(group));
      this.#telling.forget(Infinity);
      more = look.more;
      if (more) yield;
    }
  }

  *#act(ended: boolean): Generator<void, string> {
    for (let more = true; more && !this.#stopped;) {
      const look = this.#acting.look(ended);
      for (const group of look.groups) this.#replace(group);
      if (!this.#stopped) this.#give(look.safe);
      this.#acting.forget(this.#given);
      more = look.more;
      if (more) yield;
    }
    return this.#out.splice(0).join('');
  }

  #replace(group: Group): void {
    if (this.#stopped) return;
    const { start, end, kind, blocks } = spanOf(group);
    this.findings.push(...findingsOf(group));
    if (blocks) this.verdict = 'block';
    else if (this.verdict === 'pass') this.verdict = 'redact';
    this.#give(start);
    this.#stopped = blocks && this.#stopAtBlock;
    if (this.#stopped) return;
    if (end <= this.#given) return;
    this.#out.push(replacementFor(kind));
    this.#given = end;
  }

  /** Gives out the text up to an offset of the original. */
  #give(until: number): void {
    if (until <= this.#given) return;
    this.#out.push(this.#acting.slice(this.#given, until));
    this.#given = until;
  }
}
