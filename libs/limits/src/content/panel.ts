import { Grouping, type Group } from './grouping.js';
import { CONTEXT, type Scanner } from './scanner.js';

/** From this many units kept back on, text is collected before it is looked at again: a part of what is kept. */
const COLLECT_FROM = 4_096;
const COLLECT_PART = 16;

/** Scanners over one growing text, whose candidates are judged together. Keeps only what one of them may look at again. */
export class Panel {
  readonly #grouping = new Grouping();
  #text = '';
  #base = 0;
  #fresh: string[] = [];
  #freshLength = 0;

  constructor(private readonly scanners: Scanner[]) {}

  /** Whether any rule looks at this text at all. */
  get idle(): boolean {
    return this.scanners.length === 0;
  }

  /** Adds text. Answers whether it is worth looking at now; else looking would cost again and again what is kept back. */
  feed(text: string): boolean {
    this.#fresh.push(text);
    this.#freshLength += text.length;
    return this.#text.length < COLLECT_FROM || this.#freshLength * COLLECT_PART > this.#text.length;
  }

  /**
   * Looks at the text. Answers the groups that are closed, the offset up to which whatever is in none of them is safe, and whether
   * some scanner stopped before its time: then it wants to be asked again, with or without more text.
   */
  look(ended: boolean): { groups: Group[]; safe: number; more: boolean } {
    this.#text += this.#fresh.splice(0).join('');
    this.#freshLength = 0;
    const window = { text: this.#text, base: this.#base, ended };
    let decided = this.#base + this.#text.length;
    for (const scanner of this.scanners)
      decided = Math.min(decided, scanner.scan(window, this.#grouping.add));
    const groups = this.#grouping.close(decided);
    const safe = Math.min(decided, this.#grouping.openStart);
    const more = this.scanners.some((scanner) => scanner.paused);
    return { groups, safe: ended ? safe : this.#whole(safe), more };
  }

  /** The text between two offsets of the original. */
  slice(start: number, end: number): string {
    return this.#text.slice(start - this.#base, end - this.#base);
  }

  /** Says that text before `offset` is not asked for again. */
  forget(offset: number): void {
    const needed = Math.min(offset, ...this.scanners.map((scanner) => scanner.position - CONTEXT));
    if (needed <= this.#base) return;
    this.#text = this.#text.slice(needed - this.#base);
    this.#base = needed;
  }

  /** Half a character (of a surrogate pair) is not given out: encoded alone it would be lost. */
  #whole(offset: number): number {
    const unit = this.#text.charCodeAt(offset - this.#base - 1);
    return unit >= 0xd800 && unit <= 0xdbff ? offset - 1 : offset;
  }
}
