import { SEARCH_MAX, TURN_MAX, type Efforts } from '../efforts.js';
import type { Candidate, FindingKind } from '../findings.js';
import type { ContentAction } from '../rules.js';
import { HOLD_MAX, type Scanner, type TextWindow } from '../scanner.js';
import type { SafePattern } from './compile.js';
import { lastBreak, nextBreak, type Breaks } from './breaks.js';

/**
 * How many places one pattern may find in one text. From there on everything counts as found: leftmost matching looks at the same text
 * again for each match of some patterns (`a.*z|a`), so the number of matches has to be bounded as well.
 */
export const MATCHES_MAX = 1_000;
/** What is not read is told in parts of so many units. */
export const UNREAD_PART = 4_096;
/** What an instruction-free pattern would cost, in instructions. */
const EFFORT_BASE = 8;

/**
 * Finds a pattern's matches, leftmost first and none overlapping. What is decided while the text grows follows from what the pattern
 * can match: up to its longest match before the end (512 units at most), or up to the last white space or line break where it can match
 * none; nothing before the end where it can match any length of any text. It reads in parts; what would cost too much to read
 * (../efforts.ts) is told as `unread`, from there to the end of the text, and never passed over.
 */
export class PatternScanner implements Scanner {
  position = 0;
  paused = false;
  #matches = 0;
  /** Set once it gives up: all from `position` on is unread. */
  #gaveUp = false;
  readonly #weight: number;
  readonly #breaks: Breaks;
  readonly #isShort: boolean;
  /** Units that are read at a time. */
  readonly #stride: number;

  constructor(
    private readonly pattern: SafePattern,
    private readonly ruleIndex: number,
    private readonly action: ContentAction,
    private readonly efforts: Efforts,
  ) {
    const { longest, matchesNewline, matchesSpace } = pattern.extent;
    this.#weight = pattern.regex.programSize() + EFFORT_BASE;
    this.#stride = Math.min(8_192, Math.max(64, Math.floor(TURN_MAX / this.#weight)));
    this.#isShort = longest <= HOLD_MAX;
    this.#breaks = matchesNewline ? 'none' : matchesSpace ? 'lines' : 'spaces';
  }

  scan(window: TextWindow, tell: (candidate: Candidate) => void): number {
    const { text, base, ended } = window;
    const until = ended ? text.length : this.#decided(text);
    let allowance = TURN_MAX;
    this.paused = false;
    while (!this.#gaveUp && this.position - base < until) {
      if (allowance <= 0) {
        this.paused = true;
        return this.position;
      }
      allowance -= this.#part(window, until, tell);
    }
    this.#gaveUp ||= this.#isTooLong(text.length - (this.position - base));
    if (this.#gaveUp) this.#tellUnread(window, tell);
    return this.position;
  }

  /** Reads up to the next match, or a part without one; answers what it cost. */
  #part({ text, base }: TextWindow, until: number, tell: (candidate: Candidate) => void): number {
    const from = this.position - base;
    const [end, decided] = this.#bounds(text, from, until);
    const cost = (end - from) * this.#weight;
    this.#gaveUp = this.#isTooLong(end - from) || this.efforts.isSpent(this.ruleIndex);
    if (this.#gaveUp) return 0;
    const matcher = this.pattern.regex.matcher(text.slice(0, end));
    const found = matcher.find(from) && matcher.start() < decided;
    const read = found && this.#isShort ? this.#readFor(matcher.end(), from, end) : cost;
    this.efforts.spend(this.ruleIndex, read);
    if (!found) {
      this.position = base + decided;
      return read;
    }
    const start = base + matcher.start();
    this.#matches += 1;
    this.#gaveUp = this.#matches > MATCHES_MAX;
    this.position = this.#gaveUp ? start : Math.max(base + matcher.end(), start + 1);
    if (!this.#gaveUp) tell(this.#candidate('pattern', start, base + matcher.end()));
    return read;
  }

  /** What a match of a pattern of bounded length can have cost: no more than its longest is looked at behind its start. */
  #readFor(matchEnd: number, from: number, end: number): number {
    return (Math.min(end, matchEnd + this.pattern.extent.longest) - from) * this.#weight;
  }

  /** How far the text has to be looked at for the next part, and below which position that decides every start. */
  #bounds(text: string, from: number, until: number): [end: number, decided: number] {
    const { longest } = this.pattern.extent;
    if (this.#isShort) {
      const end = from + this.#stride + longest;
      if (end < text.length) return [end, end - longest];
    } else if (this.#breaks !== 'none') {
      const least = lastBreak(text, this.#breaks, from + this.#stride, from + 1);
      const at = least > from ? least : nextBreak(text, this.#breaks, from + 1);
      if (at >= 0 && at <= until) return [at + 1, at];
    }
    return [text.length, until];
  }

  #isTooLong(units: number): boolean {
    return !this.#isShort && units * this.#weight > SEARCH_MAX;
  }

  /** In parts of one length, so that they do not depend on how the text was cut. */
  #tellUnread({ text, base, ended }: TextWindow, tell: (candidate: Candidate) => void): void {
    const last = base + text.length;
    while (this.position + UNREAD_PART <= last || (ended && this.position < last)) {
      const end = Math.min(this.position + UNREAD_PART, last);
      tell(this.#candidate('unread', this.position, end));
      this.position = end;
    }
  }

  #candidate(kind: FindingKind, start: number, end: number): Candidate {
    return { ruleIndex: this.ruleIndex, kind, start, end, action: this.action, open: false };
  }

  /** Below this position every start is decided. The character after a match counts too: `\b` and `$` look at it. */
  #decided(text: string): number {
    const decided = this.#isShort ? text.length - this.pattern.extent.longest : 0;
    if (this.#breaks === 'none') return Math.max(decided, 0);
    return Math.max(decided, lastBreak(text, this.#breaks, text.length - 1, 0), 0);
  }
}
