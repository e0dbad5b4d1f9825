import type { ServerResponse } from 'node:http';
import type { RawExchange } from '#lib/http';

/** The answer to the client, written by hand: bytes go out as they come in. Headers are names and values in turn, each name once. */
export class ClientAnswer {
  readonly #raw: ServerResponse;
  readonly #headers: string[];
  #isOver = false;
  #isStream = false;

  constructor({ response, headers }: Pick<RawExchange, 'response' | 'headers'>) {
    this.#raw = response;
    this.#headers = headers;
  }

  /** Headers that whatever is answered has. */
  set(...headers: string[]): void {
    this.#headers.push(...headers);
  }

  /** Those of `headers` that it does not have yet. */
  unset(headers: readonly string[]): string[] {
    return headers.filter((_, at) => !this.#headers.includes(headers[at - (at % 2)] ?? ''));
  }

  get hasBegun(): boolean {
    return this.#raw.headersSent;
  }

  begin(status: number, headers: readonly string[]): void {
    const type = headers.indexOf('content-type');
    this.#isStream = type !== -1 && /^text\/event-stream/.test(headers[type + 1] ?? '');
    this.#raw.writeHead(status, this.#headers.concat(headers));
  }

  /** False: the client is slower than the answer; go on when it has `drained`. */
  write(bytes: Buffer): boolean {
    return bytes.length === 0 || this.#raw.write(bytes);
  }

  drained(then: () => void): void {
    this.#raw.once('drain', then);
  }

  /** Resolves when the client has taken what was written, or `signal` says that nobody waits for the rest any more. */
  taken(signal: AbortSignal): Promise<void> {
    const raw = this.#raw;
    if (!raw.writableNeedDrain || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        raw.off('drain', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      raw.once('drain', done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  end(bytes?: Buffer | string): void {
    this.#isOver = true;
    this.#raw.end(bytes);
  }

  /** The whole answer at once. */
  send(status: number, headers: readonly string[], bytes: Buffer): void {
    this.begin(status, [...headers, 'content-length', String(bytes.length)]);
    this.end(bytes);
  }

  /** Says at the end of a stream why it is one; any other answer can only be broken off. */
  fail(event: string): void {
    this.#isOver = true;
    const raw = this.#raw;
    if (this.#isStream) raw.end(event);
    else raw.destroy();
  }

  /** Told once when the client goes away before the answer is over. */
  onGone(told: () => void): void {
    this.#raw.once('close', () => {
      if (!this.#isOver) told();
    });
  }
}
