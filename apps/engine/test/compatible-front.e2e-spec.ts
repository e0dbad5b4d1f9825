import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { applicationOf } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';
import { until } from './support/until.js';

let stage: Stage;
let app: Awaited<ReturnType<typeof applicationOf>>;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  app = await applicationOf(stage);
});

const BODY = JSON.stringify({ model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Hi.' }] });
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const post = (
  path: string,
  body: string | Uint8Array<ArrayBuffer> = BODY,
  headers: Record<string, string> = {},
) =>
  fetch(stage.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.token}`, 'content-type': 'application/json', ...headers },
    body,
  });

describe('#51 a call that is taken before the router', () => {
  it('is answered as one that the router found: the same status, headers and body', async () => {
    const headers = { 'x-request-id': 'req-of-the-caller-1', traceparent: TRACE };
    const [taken, routed] = [
      await post('/v1/chat/completions', BODY, headers),
      await post('/v1/chat/completions?by=router', BODY, headers),
    ];
    expect([taken.status, routed.status]).toEqual([200, 200]);
    const names = ({ headers: all }: Response) => [...all.keys()].sort();
    expect(names(taken)).toEqual(names(routed));
    for (const { headers: all } of [taken, routed]) {
      expect(all.get('x-request-id')).toBe('req-of-the-caller-1');
      expect(all.get('traceparent')).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
      expect(all.get('x-content-type-options')).toBe('nosniff');
      expect(all.get('cache-control')).toBe('no-store');
    }
    expect(await taken.text()).toBe(await routed.text());
  });

  it('of more than 32 MiB is refused in the vendor’s shape, said or not how long it is; nothing goes to the vendor', async () => {
    const long = new Uint8Array(33 * 1_048_576).fill(0x20);
    const unsaid = new ReadableStream({
      start(controller) {
        controller.enqueue(long);
        controller.close();
      },
    });
    const headers = { authorization: `Bearer ${app.token}` };
    const answers = [
      await post('/v1/chat/completions', long),
      await fetch(`${stage.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: unsaid,
        duplex: 'half',
      }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ error: { code: 'payload_too_large' } });
    }
    expect(stage.upstream.requests).toHaveLength(0);
    expect((await post('/v1/chat/completions')).status).toBe(200);
  });

  it('whose client leaves in the middle of its body reaches nobody, and the next one is served', async () => {
    const socket = connect(Number(new URL(stage.url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${app.token}\r\ncontent-length: 900\r\n\r\n{"model":`,
    );
    await until(async () => socket.bytesWritten > 0);
    socket.destroy();
    expect((await post('/v1/chat/completions')).status).toBe(200);
    expect(stage.upstream.requests).toHaveLength(1);
  });
});
