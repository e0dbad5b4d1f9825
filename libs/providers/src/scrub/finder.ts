import { Beginnings } from './beginnings.js';
import { escapesAt, isUnfinished, mayBeginEscape } from './escapes.js';
import type { Form } from './forms.js';

/** A form that has matched so far. Places count from the beginning of the stream. */
interface Thread {
  form: Form;
  /** The unit that has to come next, and the one that it began with. */
  next: number;
  entry: number;
  start: number;
  /** How many characters without meaning came last: two make a line break, more are no spelling. */
  gap: number;
}

/** A stretch of the stream, `to` not included. */
export interface Stretch {
  from: number;
  to: number;
}

/** A cut-off echo is held back once so much of it has come; until then ordinary words would be held back all the time. */
const HOLD_AFTER = 3;

/**
 * Reads a stream character by character, escapes undone, and tells where it spells a secret. Every form is followed from
 * every place at once, so that no way to cut or mix the spellings hides one.
 */
export class Finder {
  readonly found: Stretch[] = [];
  readonly #beginnings: Beginnings;
  /** Threads by the place where they go on; an escape leads further than one character. */
  readonly #threads = new Map<number, Thread[]>();

  /** @param beginnings where its forms begin; several streams of one call share them */
  constructor(beginnings: Beginnings) {
    this.#beginnings = beginnings;
  }

  /**
   * Reads `text`, which begins at the place `base`, from the place `at` on. Answers the place that it got to: the end,
   * or, unless `isEnd`, an escape of which more may be on its way.
   */
  read(text: string, base: number, at: number, isEnd: boolean): number {
    for (let place = at; place < base + text.length; place += 1) {
      const index = place - base;
      const code = text.charCodeAt(index);
      if (this.#threads.size === 0 && !this.#beginnings.mayBegin(code)) continue;
      const isEscape = mayBeginEscape(code);
      if (isEscape && !isEnd && isUnfinished(text, index)) return place;
      const threads = this.#threads.get(place);
      if (isEscape) {
        for (const escape of escapesAt(text, index))
          this.#step(threads, escape.code, place, base + escape.end, text.charCodeAt(escape.end));
      }
      this.#step(threads, code, place, place + 1, text.charCodeAt(index + 1));
      if (threads) this.#threads.delete(place);
    }
    return base + text.length;
  }

  /** The first place that may turn out to belong to a secret, given that everything before `at` was read. */
  heldFrom(at: number): number {
    let from = at;
    for (const threads of this.#threads.values()) {
      for (const { entry, next, start } of threads) {
        if (start < from && (entry === 0 || next - entry >= HOLD_AFTER)) from = start;
      }
    }
    return from;
  }

  /** Forgets the finds before `place`. */
  forget(place: number): void {
    while (this.found[0] && this.found[0].to <= place) this.found.shift();
  }

  /** @param following the code behind it, NaN where that has not come */
  #step(threads: Thread[] | undefined, code: number, place: number, end: number, following: number): void {
    if (threads) {
      for (const thread of threads) {
        const { form, next } = thread;
        if (form.alphabet.fold(code) === form.units[next])
          this.#goOn({ ...thread, next: next + 1, gap: 0 }, end);
        else if (thread.gap < 2 && form.isGap(code)) this.#keep({ ...thread, gap: thread.gap + 1 }, end);
      }
    }
    for (const { form, at } of this.#beginnings.of(code))
      if (mayGoOn(form, at + 1, following))
        this.#goOn({ form, next: at + 1, entry: at, start: place, gap: 0 }, end);
  }

  #goOn(thread: Thread, end: number): void {
    const { form, next, entry, start } = thread;
    if (next - entry >= (entry === 0 ? form.fromStart : form.fromWithin)) this.#find(start, end);
    if (next < form.units.length) this.#keep(thread, end);
  }

  /** Of two that wait for the same, the one that began earlier finds all that the other would. */
  #keep(thread: Thread, at: number): void {
    const threads = this.#threads.get(at);
    if (!threads) return void this.#threads.set(at, [thread]);
    const twin = threads.findIndex(({ form, next }) => form === thread.form && next === thread.next);
    if (twin < 0) threads.push(thread);
    else if (thread.start < (threads[twin]?.start ?? 0)) threads[twin] = thread;
  }

  /** Adds a stretch and joins it with those that it overlaps. */
  #find(from: number, to: number): void {
    const stretch = { from, to };
    let at = this.found.length;
    while (at > 0 && (this.found[at - 1]?.to ?? 0) > stretch.from) at -= 1;
    const overlapped = this.found.splice(at);
    const behind = overlapped.filter((other) => other.from >= stretch.to);
    for (const other of overlapped) {
      if (other.from >= stretch.to) continue;
      stretch.from = Math.min(stretch.from, other.from);
      stretch.to = Math.max(stretch.to, other.to);
    }
    this.found.push(stretch, ...behind);
  }
}

/** Whether a form of which nothing but its beginning was read can go on with this code: most could not, and end before they are made. */
function mayGoOn({ units, alphabet, isGap }: Form, next: number, code: number): boolean {
  return Number.isNaN(code) || alphabet.fold(code) === units[next] || mayBeginEscape(code) || isGap(code);
}
