import type { ServerResponse } from 'node:http';
import type { RunEvent } from './run-handle.js';

/** A comment this often keeps proxies from closing a quiet stream (PRODUCT #34). */
const HEARTBEAT_MS = 15_000;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
};

/** One frame of Server-Sent Events (WHATWG HTML §9.2). JSON has no raw line breaks, so one `data:` line is enough. */
function frameOf(event: RunEvent): string {
  return `id: ${event.id}\nevent: ${event.name}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/**
 * Writes events to a raw response until they end or the client goes away, waiting for a slow reader instead of buffering for it.
 * `headers` are those of any answer; the stream's own win. Events that break off cut the connection: an end would tell the reader that
 * nothing is missing. Never rejects.
 */
export async function writeEventStream(
  raw: ServerResponse,
  events: AsyncIterable<RunEvent>,
  headers: Record<string, string>,
  heartbeatMs: number = HEARTBEAT_MS,
): Promise<void> {
  raw.writeHead(200, { ...headers, ...HEADERS });
  raw.flushHeaders();
  const heartbeat = setInterval(() => {
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(': keep-alive\n\n');
  }, heartbeatMs);
  try {
    for await (const event of events) {
      if (raw.destroyed) return;
      if (!raw.write(frameOf(event))) await drained(raw);
    }
    raw.end();
  } catch {
    raw.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}
