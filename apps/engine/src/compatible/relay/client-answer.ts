import type { FastifyReply } from 'fastify';
import type { OutgoingHttpHeaders } from 'node:http';

/** The answer to the client, written by hand: the reply is hijacked, so that bytes go out as they come in. */
export class ClientAnswer {
  readonly #reply: FastifyReply;
  readonly #headers: Record<string, string> = {};
  #isOver = false;
  #type = '';

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    void reply.hijack();
  }

  /** Headers that whatever is answered has. */
  set(headers: Record<string, string>): void {
    Object.assign(this.#headers, headers);
  }

  get hasBegun(): boolean {
    return this.#reply.raw.headersSent;
  }

  begin(status: number, headers: Record<string, string>): void {
    this.#type = headers['content-type'] ?? '';
    const own = this.#reply.getHeaders() as OutgoingHttpHeaders;
    this.#reply.raw.writeHead(status, { ...own, ...this.#headers, ...headers });
  }

  /** False: the client is slower than the answer; go on when it has `drained`. */
  write(bytes: Buffer): boolean {
    return bytes.length === 0 || this.#reply.raw.write(bytes);
  }

  drained(then: () => void): void {
    this.#reply.raw.once('drain', then);
  }

  /** Resolves when the client has taken what was written, or `signal` says that nobody waits for the rest any more. */
  taken(signal: AbortSignal): Promise<void> {
    const { raw } = this.#reply;
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
    this.#reply.raw.end(bytes);
  }

  /** The whole answer at once. */
  send(status: number, headers: Record<string, string>, bytes: Buffer): void {
    this.begin(status, { ...headers, 'content-length': String(bytes.length) });
    this.end(bytes);
  }

  /** Says at the end of a stream why it is one; any other answer can only be broken off. */
  fail(event: string): void {
    this.#isOver = true;
    const { raw } = this.#reply;
    if (/^text\/event-stream/.test(this.#type)) raw.end(event);
    else raw.destroy();
  }

  /** Told once when the client goes away before the answer is over. */
  onGone(told: () => void): void {
    this.#reply.raw.once('close', () => {
      if (!this.#isOver) told();
    });
  }
}
