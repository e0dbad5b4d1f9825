import { createServer, type AddressInfo, type Socket } from 'node:net';
import { ANSWER, FIRST_EVENT, LAST_EVENTS, TEXT_EVENTS, VENDOR_KEY } from './shapes.js';

// The vendor, in a process of its own: canned bytes over raw sockets, so that it costs the least of all that is measured. It wants its
// key and counts nothing.   node upstream.js

const WHOLE = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`,
);
const REFUSED = Buffer.from('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n';
const HEAD_AND_FIRST = Buffer.from(HEAD + chunked(FIRST_EVENT));
const TEXTS = TEXT_EVENTS.map((text) => Buffer.from(chunked(text)));
const LAST = Buffer.from(`${chunked(LAST_EVENTS)}0\r\n\r\n`);
const NOTHING = Buffer.alloc(0);
/** A gateway may write the body anew, with its members in another order. */
const MARKED_WITHIN = 2_048;

function chunked(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/** Takes requests off one connection, one after the other. */
class Line {
  #rest: Buffer = NOTHING;
  /** Of a body that is still coming: how many bytes are left, and the answer that waits for them. */
  #awaited = 0;
  #head = '';
  #begin = '';

  constructor(private readonly socket: Socket) {}

  take(chunk: Buffer): void {
    if (this.#awaited > 0) return this.#body(chunk);
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return void (this.#rest = bytes);
    this.#rest = NOTHING;
    this.#head = bytes.toString('latin1', 0, end);
    this.#awaited = Number(/content-length: (\d+)/i.exec(this.#head)?.[1] ?? 0);
    this.#begin = '';
    this.#body(bytes.subarray(end + 4));
  }

  #body(bytes: Buffer): void {
    this.#begin ||= bytes.toString('latin1', 0, MARKED_WITHIN);
    this.#awaited -= bytes.length;
    if (this.#awaited <= 0) this.#answer();
  }

  #answer(): void {
    const { socket } = this;
    if (!this.#head.includes(VENDOR_KEY)) return void socket.write(REFUSED);
    const [, chunks, gapMs] = /"user":"(\d+)x(\d+)"/.exec(this.#begin) ?? [];
    if (chunks === undefined) return void socket.write(WHOLE);
    socket.write(HEAD_AND_FIRST);
    stream(socket, Number(chunks) - 2, Number(gapMs));
  }
}

/** The last chunk is the end of the answer and what it used. */
function stream(socket: Socket, texts: number, gapMs: number): void {
  let told = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (told < texts) return void socket.write(TEXTS[told++ % TEXTS.length] ?? NOTHING);
    clearInterval(timer);
    socket.write(LAST);
  }, gapMs);
}

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  const line = new Line(socket);
  socket.on('data', (chunk) => line.take(chunk));
});
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
);
