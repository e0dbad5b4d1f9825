import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { writeEventStream } from './event-stream.js';
import type { RunEvent } from './run-handle.js';

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handle: (response: ServerResponse) => Promise<void>): Promise<string> {
  server = createServer((_, response) => void handle(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (id: number, delta: string): RunEvent => ({
  id,
  name: 'text.delta',
  data: { runId: 'run_1', delta },
});

describe('#34 the event stream', () => {
  it('keeps a quiet stream alive with comments', async () => {
    let speak: () => void = () => undefined;
    const silence = new Promise<void>((resolve) => (speak = resolve));
    async function* quiet(): AsyncGenerator<RunEvent, void> {
      yield event(1, 'a');
      await silence;
      yield event(2, 'b');
    }
    const { body } = await fetch(await serve((response) => writeEventStream(response, quiet(), {}, 30)));
    let text = '';
    for await (const piece of body!.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if ((text.match(/^: keep-alive$/gm)?.length ?? 0) >= 2) speak();
    }
    expect(text).toContain('id: 2');
    expect(text).toContain('id: 1\nevent: text.delta\ndata: {"runId":"run_1","delta":"a"}\n\n');
  });

  it('never breaks a frame, whatever the text holds', async () => {
    async function* odd(): AsyncGenerator<RunEvent, void> {
      yield event(1, 'line\nbreak\r\n\ndata: x\u2028\u0000');
    }
    const text = await (await fetch(await serve((response) => writeEventStream(response, odd(), {})))).text();
    const lines = text.split('\n').filter((line) => line.startsWith('data:'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!.slice('data: '.length))).toEqual({
      runId: 'run_1',
      delta: 'line\nbreak\r\n\ndata: x\u2028\u0000',
    });
  });

  it('that breaks off is cut, not ended: its reader must not take it for whole', async () => {
    async function* broken(): AsyncGenerator<RunEvent, void> {
      yield event(1, 'a');
      await delay(20);
      throw new Error('no more');
    }
    const response = await fetch(await serve((raw) => writeEventStream(raw, broken(), {})));
    await expect(response.text()).rejects.toThrow('terminated');
  });

  it('waits for a slow reader instead of buffering for it', async () => {
    let produced = 0;
    async function* fast(): AsyncGenerator<RunEvent, void> {
      for (let id = 1; id <= 2_000; id += 1) {
        produced = id;
        yield event(id, 'x'.repeat(16_384));
      }
    }
    const response = await fetch(await serve((raw) => writeEventStream(raw, fast(), {})));
    await delay(200);
    expect(produced).toBeLessThan(2_000);
    await response.body?.cancel();
  });
});
