export const REDACTED = '[redacted]';

/** Shorter values are no secrets, and replacing them would mangle ordinary text. */
const SHORTEST = 6;

/**
 * Takes the exact values of a call's secrets out of everything that came from the upstream (CUSTODY §8): raw,
 * percent-encoded, base64 (at each of its three alignments), JSON- and HTML-escaped, also when split over stream chunks.
 */
export class Scrubber {
  /** Longest first, so that a form that begins another one doesn't win over it. */
  readonly #forms: string[];
  readonly #pattern: RegExp | null;

  constructor(secrets: readonly string[]) {
    // Blanks around a key are cut off where it is quoted, in messages about bad headers for one.
    const values = secrets.flatMap((secret) => [secret, secret.trim()]);
    const forms = values.filter((value) => value.length >= SHORTEST).flatMap(formsOf);
    this.#forms = [...new Set(forms)].sort((a, b) => b.length - a.length);
    this.#pattern = this.#forms.length > 0 ? new RegExp(this.#forms.map(escaped).join('|'), 'g') : null;
  }

  text(text: string): string {
    return this.#pattern ? text.replace(this.#pattern, REDACTED) : text;
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
    return new ScrubberStream(this.#forms, this.#pattern);
  }
}

/** Holds back the end of what it was given for as long as it may be the beginning of a secret. */
export class ScrubberStream {
  readonly #longest: number;
  #held = '';

  constructor(
    private readonly forms: readonly string[],
    private readonly pattern: RegExp | null,
  ) {
    this.#longest = forms[0]?.length ?? 0;
  }

  /** What of the text so far can be shown; may be empty. */
  push(chunk: string): string {
    if (!this.pattern) return chunk;
    const text = this.#held + chunk;
    let hold = this.#holdFrom(text, 0);
    let shown = '';
    let done = 0;
    for (const match of text.matchAll(this.pattern)) {
      // From here on a longer form may still be on its way.
      if (match.index >= hold) break;
      shown += text.slice(done, match.index) + REDACTED;
      done = match.index + match[0].length;
      if (done > hold) hold = this.#holdFrom(text, done);
    }
    this.#held = text.slice(hold);
    return shown + text.slice(done, hold);
  }

  /** The rest, when nothing more comes. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return this.pattern ? rest.replace(this.pattern, REDACTED) : rest;
  }

  /** The first place, at or after `from`, where what is left of the text is a proper beginning of a form. */
  #holdFrom(text: string, from: number): number {
    for (let at = Math.max(from, text.length - this.#longest + 1); at < text.length; at += 1) {
      const rest = text.slice(at);
      if (this.forms.some((form) => form.length > rest.length && form.startsWith(rest))) return at;
    }
    return text.length;
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const percent = encodeURIComponent(secret);
  const everyByte = [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  const html = secret
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
  return [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    percent,
    lowerHex(percent),
    everyByte,
    everyByte.toUpperCase(),
    html,
    ...base64Forms(secret),
  ];
}

function lowerHex(text: string): string {
  return text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}

/** The base64 of the secret alone, and the part of it that stays the same inside a longer text (`user:key`, `Bearer key`). */
function base64Forms(secret: string): string[] {
  const forms = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const skip = Math.ceil((before * 8) / 6);
    const whole = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(skip, whole);
  });
  const alone = Buffer.from(secret).toString('base64');
  const all = [alone, alone.replace(/=+$/, ''), ...forms].filter((form) => form.length >= SHORTEST);
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}
