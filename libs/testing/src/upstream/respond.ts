import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { completed, echoed } from './brain.js';
import type { Answer, NeutralCall, ScriptedAnswer, StreamEvent, VendorWire } from './types.js';

/** Plays one scripted answer on one wire. Answers with the HTTP status that was (or would have been) sent. */
export async function play(
  wire: VendorWire,
  call: NeutralCall,
  scripted: ScriptedAnswer,
  response: ServerResponse,
  requestId: string,
): Promise<number> {
  if (scripted.delayMs) await sleep(scripted.delayMs);
  if (scripted.hang === 'headers') return 0;
  const status = scripted.status ?? 200;
  const headers = { [wire.requestIdHeader]: requestId, ...scripted.headers };
  if (status >= 400 && scripted.page !== undefined) {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(scripted.page);
    return status;
  }
  if (status >= 400) {
    const echo = scripted.echoKey
      ? ` Incorrect API key provided: ${echoed(call.key ?? '', scripted.echoKey)}.`
      : '';
    sendJson(
      response,
      status,
      headers,
      wire.error(status, (scripted.message ?? defaultMessage(status)) + echo),
    );
    return status;
  }
  if (status >= 300) {
    response.writeHead(status, headers).end();
    return status;
  }
  const answer = completed(scripted, call);
  if (!call.stream) sendJson(response, 200, headers, wire.answer(call, answer));
  else await stream(wire, answer, wire.events(call, answer), response, headers);
  return 200;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: unknown,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export async function sendRaw(
  response: ServerResponse,
  {
    status = 200,
    headers = {},
    pieces,
  }: { status?: number; headers?: Record<string, string>; pieces: (string | Buffer)[] },
): Promise<void> {
  response.writeHead(status, headers);
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    await nextTurn();
  }
  response.end();
}

async function stream(
  wire: VendorWire,
  answer: Answer,
  events: StreamEvent[],
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<void> {
  const encode = wire.encode ?? serverSentEvent;
  const type = wire.streamType ?? 'text/event-stream';
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache', ...headers });
  let pieces = 0;
  let cut = 0;
  for (const event of events) {
    if (response.destroyed) return;
    if (event.isText) {
      if (answer.cutAfter !== undefined && pieces >= answer.cutAfter) {
        response.destroy();
        return;
      }
      if (answer.errorEvent !== undefined && pieces === 1) {
        response.end(encode(wire.errorEvent(answer.errorEvent)));
        return;
      }
      pieces += 1;
    }
    if (answer.cutFrames) await writeCut(response, encode(event), (cut += 1));
    else response.write(encode(event));
    if (event.isText && (answer.hang === 'body' || answer.hangAfter === pieces)) return;
    if (event.isText && answer.pieceDelayMs) await sleep(answer.pieceDelayMs);
  }
  response.end();
}

/** Two writes, far enough apart that the reader gets two pieces. */
async function writeCut(response: ServerResponse, bytes: Buffer, cut: number): Promise<void> {
  const at = cut % bytes.length;
  response.write(bytes.subarray(0, at));
  await nextTurn();
  response.write(bytes.subarray(at));
  await nextTurn();
}

function serverSentEvent({ event, data }: StreamEvent): Buffer {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return Buffer.from(`${event ? `event: ${event}\n` : ''}data: ${text}\n\n`);
}

function defaultMessage(status: number): string {
  if (status === 401) return 'Invalid API key.';
  if (status === 403) return 'This key may not do that.';
  if (status === 429) return 'Rate limit reached.';
  return status < 500 ? 'The request is not valid.' : 'The server had an error.';
}
