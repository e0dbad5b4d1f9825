import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a server in trouble does with a request, byte by byte. */
export type Trouble = (socket: Socket) => void;

export interface TroubleServer {
  port: number;
  /** One for each request, in their order; the last one for all further ones. */
  plan(...troubles: Trouble[]): void;
  /** Requests so far. */
  requests(): number;
  /** Connections that are open. */
  connections(): number;
  stop(): Promise<void>;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';

/** Bytes on a socket: for what no HTTP server of a library would do. */
export async function startTroubleServer(): Promise<TroubleServer> {
  let troubles: Trouble[] = [];
  let requests = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    let seen = '';
    socket.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (!isWhole(seen)) return;
      seen = '';
      requests += 1;
      (troubles.length > 1 ? troubles.shift() : troubles[0])?.(socket);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    plan: (...next) => void ((troubles = next), (requests = 0)),
    requests: () => requests,
    connections: () => open.size,
    stop: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Never answers. */
export const hang: Trouble = () => undefined;

/** A byte of the head every 10 ms, which never ends. */
export const dripHead: Trouble = (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx-slow: ', 'x');

/** A comment every 10 ms, and never an event. */
export const dripBody: Trouble = (socket) => drip(socket, HEAD, ':\n');

/** An answer that is complete. */
export function answers(status: number, headers: Record<string, string>, body: string): Trouble {
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-length': `${Buffer.byteLength(body)}`,
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return (socket) => void socket.end(`HTTP/1.1 ${status} Trouble\r\n${head}\r\n${body}`);
}

/** A stream of events that ends where the text ends. */
export function streams(text: string): Trouble {
  return (socket) =>
    void socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n${text}`);
}

/** A stream that is torn off after the text. */
export function tornAfter(text: string): Trouble {
  const head = HEAD.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n');
  const chunk = `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  return (socket) => void socket.write(head + chunk, () => setTimeout(() => socket.resetAndDestroy(), 30));
}

/** Comments without an end, as fast as they are read. */
export const flood: Trouble = (socket) => {
  const piece = `:${'x'.repeat(1_048_574)}\n`;
  const more = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', more);
  socket.write(HEAD);
  more();
};

function drip(socket: Socket, first: string, next: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(next), 10);
  socket.on('close', () => clearInterval(timer));
}

function isWhole(seen: string): boolean {
  const end = seen.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(seen.slice(0, end + 2))?.[1] ?? '0';
  return end >= 0 && seen.length >= end + 4 + Number(length);
}
