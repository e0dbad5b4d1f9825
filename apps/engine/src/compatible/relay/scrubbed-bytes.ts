import type { Scrubber } from '#lib/providers';

type ScrubberStream = ReturnType<Scrubber['stream']>;

/**
 * Takes a call's secrets out of bytes. As Latin-1 every byte is one character and comes back as the same byte: what holds no secret
 * passes as it is, whatever its encoding.
 */
export class ScrubbedBytes {
  readonly #stream: ScrubberStream;

  constructor(scrubber: Scrubber) {
    this.#stream = scrubber.stream();
  }

  /** What can be shown by now. */
  push(bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    const shown = this.#stream.push(text);
    return shown === text ? bytes : Buffer.from(shown, 'latin1');
  }

  /** The rest: where an event is over its reader can wait no longer. */
  flush(): Buffer {
    return Buffer.from(this.#stream.flush(), 'latin1');
  }
}
