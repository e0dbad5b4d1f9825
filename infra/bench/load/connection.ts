import { connect, type Socket } from 'node:net';

/** What came of one request, in milliseconds of the load's own clock. */
export interface Outcome {
  sentAt: number;
  /** The first byte of the body. */
  firstAt: number;
  endAt: number;
}

/** How a contender is asked: everything but the body is the same for each of its calls. */
export interface Target {
  port: number;
  path: string;
  headers: Record<string, string>;
}

/** The bytes of a request, built once and sent over and over. */
export function requestBytes({ path, headers }: Target, body: string): Buffer {
  const lines = Object.entries({ host: '127.0.0.1', 'content-type': 'application/json', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\n${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/**
 * One kept-alive connection of the load, over a raw socket: a client that costs less than what it measures, or it would be the client
 * that is measured. One request at a time; an answer that is not 200 fails the run.
 */
export class Connection {
  readonly #socket: Socket;
  #outcome: Outcome | undefined;
  #resolve: ((outcome: Outcome) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  /** Bytes of the body that are still to come; -1: it is chunked. */
  #awaited = 0;
  #isHead = true;
  #rest: Buffer | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((opened, failed) => {
      const socket = connect(port, '127.0.0.1', () => opened(new Connection(socket)));
      socket.once('error', failed);
    });
  }

  get isBusy(): boolean {
    return this.#outcome !== undefined;
  }

  send(request: Buffer): Promise<Outcome> {
    this.#isHead = true;
    this.#outcome = { sentAt: performance.now(), firstAt: 0, endAt: 0 };
    this.#socket.write(request);
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  close(): void {
    this.#outcome = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (!this.#isHead) return this.#body(chunk);
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return void (this.#rest = bytes);
    this.#rest = undefined;
    const head = bytes.toString('latin1', 0, end);
    if (!head.startsWith('HTTP/1.1 200'))
      return this.#fail(new Error(`answered ${bytes.toString('latin1', 0, 600)}`));
    this.#isHead = false;
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    this.#awaited = length === undefined ? -1 : Number(length);
    if (bytes.length > end + 4) this.#body(bytes.subarray(end + 4));
  }

  #body(bytes: Buffer): void {
    const outcome = this.#outcome;
    if (!outcome) return;
    if (outcome.firstAt === 0) outcome.firstAt = performance.now();
    if (this.#awaited < 0) {
      if (!isLastChunk(bytes)) return;
    } else {
      this.#awaited -= bytes.length;
      if (this.#awaited > 0) return;
    }
    outcome.endAt = performance.now();
    this.#outcome = undefined;
    this.#resolve?.(outcome);
  }

  #fail(error: Error): void {
    if (!this.#outcome) return;
    this.#outcome = undefined;
    this.#reject?.(error);
    this.#socket.destroy();
  }
}

/** The vendor's last write ends with it, and nobody on the way parts five bytes from it. */
function isLastChunk(bytes: Buffer): boolean {
  return bytes.length >= 5 && bytes.toString('latin1', bytes.length - 5) === '0\r\n\r\n';
}
