import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * Plaintext that prints as `[redacted]` wherever it is shown and is zeroed when it is no longer needed.
 *
 * Honest limit: a JavaScript string made from the bytes (an HTTP header needs one) cannot be wiped; make it
 * inside `use`, as late as possible, and keep it nowhere.
 */
export class SecretBytes {
  readonly #bytes: Buffer;
  #wiped = false;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Takes ownership of `bytes`: the caller must not use or keep the buffer afterwards. */
  static take(bytes: Buffer): SecretBytes {
    return new SecretBytes(bytes);
  }

  /** Copies the UTF-8 bytes of `text`. The string itself stays in the heap until it is collected. */
  static fromText(text: string): SecretBytes {
    return new SecretBytes(Buffer.from(text, 'utf8'));
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Lends the bytes to `fn`. They are not wiped afterwards: see `useOnce`. Throws when already wiped. */
  use<T>(fn: (bytes: Buffer) => T): T {
    if (this.#wiped) throw new Error('secret bytes were already wiped');
    return fn(this.#bytes);
  }

  /** Lends the bytes to `fn` and zeroes them when it is done, whether it returns, resolves or throws. */
  async useOnce<T>(fn: (bytes: Buffer) => Promise<T> | T): Promise<T> {
    try {
      return await this.use(fn);
    } finally {
      this.wipe();
    }
  }

  /** Zeroes the bytes. Calling it again does nothing. */
  wipe(): void {
    this.#bytes.fill(0);
    this.#wiped = true;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
