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
  readonly #entries = new Map<number, { form: Form; at: number }[]>();
  /** Threads by the place where they go on; an escape leads further than one character. */
  readonly #threads = new Map<number, Thread[]>();

  constructor(forms: readonly Form[]) {
    for (const form of forms) for (const at of [0, ...form.entries]) this.#enter(form, at);
  }

  /**
   * Reads `text`, which begins at the place `base`, from the place `at` on. Answers the place that it got to: the end,
   * or, unless `isEnd`, an escape of which more may be on its way.
   */
  read(text: string, base: number, at: number, isEnd: boolean): number {
    for (let place = at; place < base + text.length; place += 1) {
      const index = place - base;
      const code = text.charCodeAt(index);
      const isEscape = mayBeginEscape(code);
      if (isEscape && !isEnd && isUnfinished(text, index)) return place;
      const threads = this.#threads.get(place);
      if (isEscape) {
        for (const escape of escapesAt(text, index))
          this.#step(threads, escape.code, place, base + escape.end);
      }
      this.#step(threads, code, place, place + 1);
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

  #enter(form: Form, at: number): void {
    // Every spelling, so that reading needs one look only.
    for (const code of form.alphabet.spellings(form.units[at] ?? 0)) {
      const list = this.#entries.get(code);
      if (list) list.push({ form, at });
      else this.#entries.set(code, [{ form, at }]);
    }
  }

  #step(threads: Thread[] | undefined, code: number, place: number, end: number): void {
    if (threads) {
      for (const thread of threads) {
        const { form, next } = thread;
        if (form.alphabet.fold(code) === form.units[next])
          this.#goOn({ ...thread, next: next + 1, gap: 0 }, end);
        else if (thread.gap < 2 && form.isGap(code)) this.#keep({ ...thread, gap: thread.gap + 1 }, end);
      }
    }
    const entries = this.#entries.get(code);
    if (entries) {
      for (const { form, at } of entries)
        this.#goOn({ form, next: at + 1, entry: at, start: place, gap: 0 }, end);
    }
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
