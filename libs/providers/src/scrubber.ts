import { Beginnings } from './scrub/beginnings.js';
import { Finder } from './scrub/finder.js';
import { formOf, spellingsOf } from './scrub/forms.js';
import { Sieve, type SievedStream } from './scrub/sieve.js';

export const REDACTED = '[redacted]';

/**
 * Takes a call's secrets out of everything that came from the upstream (CUSTODY §8): raw in any case, escaped for JSON,
 * JavaScript, URLs or HTML, character by character and several levels deep, in hex, in base64 at each of its three
 * alignments, and cut off, as long as sixteen characters of the secret are left; also when split over stream chunks.
 */
export class Scrubber {
  readonly #secrets: ReadonlySet<string>;
  readonly #sieve: Sieve | undefined;
  #beginnings: Beginnings | undefined;

  constructor(secrets: readonly string[]) {
    // Blanks around a key are cut off where it is quoted, in messages about bad headers for one.
    this.#secrets = new Set(secrets.flatMap((secret) => [secret, secret.trim()]));
    this.#sieve = Sieve.for(this.#secrets);
  }

  /** Made when something first looks like a secret: of most answers nothing does. */
  get beginnings(): Beginnings {
    return (this.#beginnings ??= new Beginnings(
      [...this.#secrets].flatMap((secret) => spellingsOf(secret).map(formOf)),
    ));
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
    return new ScrubberStream(this, this.#sieve?.stream());
  }
}

/** What was shown last and passed the sieve, for the finder to begin with: no spelling of two units is longer. */
const TAIL = 64;

/** Holds back the end of what it was given for as long as it may be the beginning of a secret. */
export class ScrubberStream {
  #finder: Finder | undefined;
  /** The last that was shown while the sieve let everything pass. */
  #tail = '';
  /** What was given and is read, or not yet shown; the place in the stream where it begins, and how far was shown and read. */
  #text = '';
  #base = 0;
  #shown = 0;
  #read = 0;
  /** Where the last stretch that was taken out ended: what goes on from there gets no second mark. */
  #redacted = -1;

  constructor(
    private readonly scrubber: Pick<Scrubber, 'beginnings'>,
    private readonly sieved: SievedStream | undefined,
  ) {}

  /** What of the text so far can be shown; may be empty. */
  push(chunk: string): string {
    if (!this.#finder) {
      if (this.sieved?.mayHold(chunk) === false) return this.#pass(chunk);
      this.#begin();
    }
    const finder = (this.#finder ??= new Finder(this.scrubber.beginnings));
    this.#text += chunk;
    this.#read = finder.read(this.#text, this.#base, this.#read, false);
    // What may belong to a secret can have begun before what was shown.
    return this.#showUntil(finder, Math.max(this.#shown, finder.heldFrom(this.#read)));
  }

  /**
   * The rest, at a place where the caller can wait no longer. A secret that goes on behind it is still noticed: what it
   * had shown by then is fewer than sixteen characters.
   */
  flush(): string {
    if (!this.#finder) return '';
    this.#read = this.#finder.read(this.#text, this.#base, this.#read, true);
    return this.#showUntil(this.#finder, this.#read);
  }

  #pass(chunk: string): string {
    this.#shown += chunk.length;
    this.#tail = chunk.length >= TAIL ? chunk.slice(-TAIL) : (this.#tail + chunk).slice(-TAIL);
    return chunk;
  }

  /** The finder takes over, from a little before what comes now. */
  #begin(): void {
    this.#text = this.#tail;
    this.#tail = '';
    this.#base = this.#read = this.#shown - this.#text.length;
  }

  #showUntil(finder: Finder, end: number): string {
    const base = this.#base;
    let shown = '';
    let at = this.#shown;
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
    // What was shown may not be read yet, where an escape began in it.
    this.#base = Math.min(end, this.#read);
    this.#text = this.#text.slice(this.#base - base);
    this.#shown = end;
    return shown;
  }
}
