import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { usageRows } from './support/compatible.js';
import { startEndlessServer, type EndlessServer } from './support/endless-server.js';
import { startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const MODEL = 'gpt-4.1-mini';
/** What the sockets of three processes hold on their way takes a few MiB; what is not read, nobody may keep. */
const MOST_ON_THE_WAY = 32 * 1_048_576;

let stage: Stage;
let vendor: EndlessServer;
let tenant: Tenant;
let token: string;

beforeAll(async () => {
  vendor = await startEndlessServer();
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${vendor.port}`] });
});
afterAll(async () => {
  await stage?.stop();
  await vendor?.stop();
});
beforeEach(async () => {
  tenant = await stage.tenants.create();
  const { orgId, owner, workspaceId } = tenant;
  token = (await stage.tenants.token(orgId, owner, 'workspace', workspaceId)).token;
  await stage.tenants.key(tenant, {
    ...{ provider: 'openai', secret: 'sk-endless-0123456789abcdef', baseUrl: vendor.baseUrl },
  });
});

/** Asks for a stream, reads its beginning and then nothing more. */
async function stall(path: string): Promise<Socket> {
  const body = JSON.stringify({
    ...{ model: MODEL, max_tokens: 100, stream: true },
    messages: [{ role: 'user', content: 'Go on.' }],
  });
  const socket = connect(Number(new URL(stage.url).port), '127.0.0.1');
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: engine\r\nx-api-key: ${token}\r\ncontent-type: application/json\r\n` +
      `anthropic-version: 2023-06-01\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString('latin1')).toMatch(/^HTTP\/1.1 200 /);
  socket.pause();
  return socket;
}

/** How much the vendor could write by the time that it can write no more. */
async function heldUp(): Promise<number> {
  let [last, still] = [-1, 0];
  while (still < 10 && vendor.written <= MOST_ON_THE_WAY) {
    still = vendor.written === last ? still + 1 : 0;
    last = vendor.written;
    await delay(100);
  }
  return vendor.written;
}

describe('#34 a client that stops reading', () => {
  it.each([
    ['passed through', '/v1/chat/completions'],
    ['translated', '/anthropic/v1/messages'],
  ])(
    'holds up its vendor, and nothing of the answer is kept for it: %s',
    async (_how, path) => {
      const socket = await stall(path);
      const held = await heldUp();
      expect(held).toBeGreaterThan(0);
      expect(held).toBeLessThan(MOST_ON_THE_WAY);
      // It reads on, and so does the engine; then it goes, and the call ends with it.
      socket.resume();
      await until(async () => vendor.written > held + 4 * 1_048_576, 20_000);
      socket.pause();
      await heldUp();
      socket.destroy();
      await until(async () => vendor.isLeft);
      const [receipt] = await usageRows(stage, tenant, 1);
      expect(receipt).toMatchObject({ outcome: 'aborted', model: MODEL });
      expect(Number(receipt!['output_tokens'])).toBeGreaterThan(100);
    },
    60_000,
  );
});
