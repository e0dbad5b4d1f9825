import type { Candidate } from '../findings.js';
import type { Scanner, TextWindow } from '../scanner.js';
import { holdFrom } from './hold.js';
import {
  KEY_END,
  KEY_END_MAX,
  KEY_MARK,
  KEY_START,
  KEY_START_MAX,
  NAMED_SECRETS,
  NOT_KEY,
  NOT_TOKEN,
  PREFIXED_SECRET,
  SECRET_MAX,
  SECRET_TAIL,
  TOKEN_HEAD,
  TOKEN_MARK,
  TOKEN_NEXT,
} from './secret-forms.js';

/** Tells a secret's place once for each rule that asks for secrets. */
export type MakeCandidates = (start: number, end: number) => Candidate[];

interface Growing {
  candidates: Candidate[];
  start: number;
  isKey: boolean;
}

/**
 * Finds secrets. They may be longer than any window: their beginning says what they are, so from there on text is swallowed as it
 * comes, and nothing of it has to be kept back.
 */
export class SecretScanner implements Scanner {
  position = 0;
  #growing: Growing | undefined;

  constructor(private readonly make: MakeCandidates) {}

  scan(window: TextWindow, tell: (candidate: Candidate) => void): number {
    const { text, base, ended } = window;
    const until = ended ? text.length : holdSecrets(text);
    if (this.#growing) this.#grow(this.#growing, window);
    const next = starts(text, until);
    while (!this.#growing) {
      const found = next(this.position - base);
      if (!found) {
        this.position = Math.max(this.position, base + until);
        break;
      }
      this.position = base + found.end;
      const candidates = this.make(base + found.start, base + found.end);
      candidates.forEach(tell);
      this.#growing = { candidates, start: base + found.start, isKey: found.isKey };
      this.#grow(this.#growing, window);
    }
    return this.position;
  }

  #grow(growing: Growing, { text, base, ended }: TextWindow): void {
    const from = this.position - base;
    const most = Math.min(text.length, growing.start + SECRET_MAX - base);
    const [end, over] = growing.isKey ? keyEnd(text, from, most) : tokenEnd(text, from, most);
    const open = !over && !ended && most === text.length;
    for (const candidate of growing.candidates) {
      candidate.end = base + trimmed(text, Math.max(from, end), growing.start - base);
      candidate.open = open;
    }
    // An end mark may be cut in two: it is looked for again from before the cut.
    this.position = base + (open && growing.isKey ? Math.max(from, end - KEY_END_MAX) : end);
    if (!open) this.#growing = undefined;
  }
}

interface Start {
  start: number;
  end: number;
  isKey: boolean;
}

/** The first beginning of a secret from a position on, below `until`. Asked with positions that only grow, so nothing is read twice. */
function starts(text: string, until: number): (from: number) => Start | null {
  const sources = [matches(PREFIXED_SECRET, text, until, false), tokens(text, until)];
  for (const { mark, form } of NAMED_SECRETS)
    if (text.includes(mark)) sources.push(matches(form, text, until, false));
  if (text.includes(KEY_MARK)) sources.push(matches(KEY_START, text, until, true));
  return (from) => {
    let first: Start | null = null;
    for (const source of sources) {
      const found = source(from);
      if (found && (!first || found.start < first.start)) first = found;
    }
    return first;
  };
}

function matches(
  pattern: RegExp,
  text: string,
  until: number,
  isKey: boolean,
): (from: number) => Start | null {
  let known: Start | null | undefined;
  return (from) => {
    if (known === null || (known && known.start >= from)) return known;
    pattern.lastIndex = from;
    let match = pattern.exec(text);
    // Within a word nothing begins. Told apart here: a look behind in the pattern would make it many times slower.
    while (pattern === PREFIXED_SECRET && match && WITHIN.test(text.charAt(match.index - 1))) {
      pattern.lastIndex = match.index + 1;
      match = pattern.exec(text);
    }
    const found = match && match.index < until ? match : null;
    known = found && { start: found.index, end: found.index + found[0].length, isKey };
    return known;
  };
}

const WITHIN = /[A-Za-z0-9_]/;

/** JSON Web Tokens. The end of a run of their characters is looked for once, however many marks stand in it. */
function tokens(text: string, until: number): (from: number) => Start | null {
  let at = -1;
  let headEnd = 0;
  let known: Start | null = null;
  return (from) => {
    if (known && known.start >= from) return known;
    known = null;
    if (at < from) at = text.indexOf(TOKEN_MARK, from);
    for (; at >= 0 && at < until; at = text.indexOf(TOKEN_MARK, at + 1)) {
      if (WITHIN.test(text.charAt(at - 1))) continue;
      if (headEnd < at) {
        NOT_TOKEN.lastIndex = at;
        headEnd = NOT_TOKEN.exec(text)?.index ?? text.length;
      }
      TOKEN_NEXT.lastIndex = headEnd;
      const units = headEnd - at;
      if (units < TOKEN_HEAD[0] || units > TOKEN_HEAD[1] || !TOKEN_NEXT.test(text)) continue;
      known = { start: at, end: TOKEN_NEXT.lastIndex, isKey: false };
      return known;
    }
    at = text.length;
    return null;
  };
}

function tokenEnd(text: string, from: number, most: number): [end: number, over: boolean] {
  SECRET_TAIL.lastIndex = from;
  SECRET_TAIL.exec(text);
  const end = Math.min(SECRET_TAIL.lastIndex, most);
  return [end, end < text.length];
}

function keyEnd(text: string, from: number, most: number): [end: number, over: boolean] {
  NOT_KEY.lastIndex = from;
  const end = Math.min(NOT_KEY.exec(text)?.index ?? text.length, most);
  const mark = KEY_END.exec(text.slice(from, end));
  return mark ? [from + mark.index + mark[0].length, true] : [end, end < text.length];
}

/** A full stop or white space at the end belongs to the sentence. */
function trimmed(text: string, end: number, start: number): number {
  while (end > start + 1 && /[.\s]/.test(text.charAt(end - 1))) end -= 1;
  return end;
}

/** As `holdFrom`, and from the beginning of what may become a private key. */
function holdSecrets(text: string): number {
  const hold = holdFrom(text);
  const mark = text.indexOf(KEY_MARK, Math.max(0, text.length - KEY_START_MAX));
  return mark >= 0 ? Math.min(hold, mark) : hold;
}
