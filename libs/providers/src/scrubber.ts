import { Beginnings } from './scrub/beginnings.js';
import { Finder } from './scrub/finder.js';
import { formsOf } from './scrub/forms.js';

export const REDACTED = '[redacted]';

/**
 * Takes a call's secrets out of everything that came from the upstream (CUSTODY §8): raw in any case, escaped for JSON,
 * JavaScript, URLs or HTML, character by character and several levels deep, in hex, in base64 at each of its three
 * alignments, and cut off, as long as sixteen characters of the secret are left; also when split over stream chunks.
 */
export class Scrubber {
  /** Null: there is nothing to look for. */
  readonly #beginnings: Beginnings | null;

  constructor(secrets: readonly string[]) {
    // Blanks around a key are cut off where it is quoted, in messages about bad headers for one.
    const values = new Set(secrets.flatMap((secret) => [secret, secret.trim()]));
    const forms = [...values].flatMap(formsOf);
    this.#beginnings = forms.length > 0 ? new Beginnings(forms) : null;
  }

  text(text: string): string {
    const stream = this.stream();
    return stream.push(text) + stream.flush();
  }

  /** A JSON value with every string in it scrubbed, member names included. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [this.text(name), this.value(inner)]),
    );
  }

  /** A scrubber for one stream of text, however it is cut. */
  stream(): ScrubberStream {
    return new ScrubberStream(this.#beginnings);
  }
}

/** Holds back the end of what it was given for as long as it may be the beginning of a secret. */
export class ScrubberStream {
  readonly #finder: Finder | null;
  /** What was given and not yet shown, the place in the stream where it begins, and how far it was read. */
  #text = '';
  #shown = 0;
  #read = 0;
  /** Where the last stretch that was taken out ended: what goes on from there gets no second mark. */
  #redacted = -1;

  constructor(beginnings: Beginnings | null) {
    this.#finder = beginnings && new Finder(beginnings);
  }

  /** What of the text so far can be shown; may be empty. */
  push(chunk: string): string {
    if (!this.#finder) return chunk;
    this.#text += chunk;
    this.#read = this.#finder.read(this.#text, this.#shown, this.#read, false);
    // What may belong to a secret can have begun before what was shown.
    return this.#showUntil(this.#finder, Math.max(this.#shown, this.#finder.heldFrom(this.#read)));
  }

  /**
   * The rest, at a place where the caller can wait no longer. A secret that goes on behind it is still noticed: what it
   * had shown by then is fewer than sixteen characters.
   */
  flush(): string {
    if (!this.#finder) return '';
    this.#read = this.#finder.read(this.#text, this.#shown, this.#read, true);
    return this.#showUntil(this.#finder, this.#read);
  }

  #showUntil(finder: Finder, end: number): string {
    const base = this.#shown;
    let shown = '';
    let at = base;
    for (const { from, to } of finder.found) {
      if (from >= end) break;
      if (to <= at) continue;
      if (from > at) shown += this.#text.slice(at - base, from - base);
      if (from >= at || this.#redacted !== at) shown += REDACTED;
      at = Math.min(to, end);
      this.#redacted = at;
    }
    shown += this.#text.slice(at - base, end - base);
    finder.forget(end);
    this.#text = this.#text.slice(end - base);
    this.#shown = end;
    return shown;
  }
}
