import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenAI-shaped vendor whose streams have no end and go exactly as fast as they are read. */
export interface EndlessServer {
  port: number;
  baseUrl: string;
  /** Bytes that were written to the newest stream. */
  readonly written: number;
  /** Whether the newest stream was broken off by its reader. */
  readonly isLeft: boolean;
  stop(): Promise<void>;
}

const TEXT = 'so it goes on and on, '.repeat(200);
const EVENT = Buffer.from(
  `data: ${JSON.stringify({
    ...{ id: 'chatcmpl-endless', object: 'chat.completion.chunk', created: 1, model: 'gpt-4.1-mini' },
    choices: [{ index: 0, delta: { content: TEXT }, finish_reason: null }],
  })}\n\n`,
);

export async function startEndlessServer(): Promise<EndlessServer> {
  const newest = { written: 0, isLeft: false };
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    Object.assign(newest, { written: 0, isLeft: false });
    response.once('close', () => (newest.isLeft = true));
    pour(response, newest);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}/v1`,
    get written() {
      return newest.written;
    },
    get isLeft() {
      return newest.isLeft;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes while there is room, one event a turn, and goes on when there is room again. */
function pour(response: ServerResponse, count: { written: number }): void {
  if (response.destroyed) return;
  count.written += EVENT.length;
  if (response.write(EVENT)) setImmediate(() => pour(response, count));
  else response.once('drain', () => pour(response, count));
}
