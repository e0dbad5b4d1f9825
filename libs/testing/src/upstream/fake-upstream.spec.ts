import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import {
  startFakeUpstream,
  type FakeUpstream,
  type FakeUpstreamOptions,
  type JournalEntry,
} from './index.js';

const KEY = 'sk-demo-5d0c77ab9f2c';
let fake: FakeUpstream;
const start = async (options?: FakeUpstreamOptions) => (fake = await startFakeUpstream(options));
afterEach(() => fake.stop());

const chat = (key: string, more: object = {}) =>
  fetch(`${fake.baseUrls.openai}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-run-id': 'run_1' },
    body: JSON.stringify({
      model: 'gpt-4.1-mini',
      messages: [{ role: 'user', content: 'What is new?' }],
      ...more,
    }),
  });

describe('the fake upstream', () => {
  it('answers sensibly and always the same when nothing is scripted', async () => {
    await start();
    const text = async () =>
      ((await (await chat(KEY)).json()) as { choices: { message: { content: string } }[] }).choices[0]
        ?.message.content;
    const [first, second] = [await text(), await text()];
    expect(first).toMatch(/gpt-4\.1-mini.*What is new\?/);
    expect(second).toBe(first);
  });

  it('refuses a key that contains "bad", a missing one, and all but the expected one', async () => {
    await start();
    expect((await chat('sk-bad-1')).status).toBe(401);
    expect((await fetch(`${fake.baseUrls.openai}/models`)).status).toBe(401);
    expect((await fetch(`${fake.baseUrls.ollama}/v1/models`)).status).toBe(200);
    await fake.stop();
    await start({ expectKey: KEY });
    expect([(await chat(KEY)).status, (await chat(`${KEY}x`)).status]).toEqual([200, 401]);
  });

  it('records whatever arrives, unredacted, for specs', async () => {
    await start();
    await chat(KEY);
    expect(fake.requests[0]).toMatchObject({ method: 'POST', headers: { authorization: `Bearer ${KEY}` } });
  });

  it('keeps no key in the demo: its journal shows SHA-256 and the run id, over HTTP too', async () => {
    const seen: JournalEntry[] = [];
    await start({ demo: true, onRequest: (entry) => seen.push(entry) });
    await chat(KEY);
    const journal = await (await fetch(`${fake.url}/__journal`)).text();
    expect(journal + JSON.stringify([fake.requests, seen])).not.toContain('5d0c77');
    const sha256 = createHash('sha256').update(KEY).digest('hex');
    expect(seen).toMatchObject([
      {
        status: 200,
        model: 'gpt-4.1-mini',
        authSha256: { authorization: sha256 },
        headers: { 'x-run-id': 'run_1' },
      },
    ]);
    expect(JSON.parse(journal)).toEqual({ requests: seen });
  });

  it('plays scripts in order, then goes back to its own answers', async () => {
    await start();
    fake.script({ status: 503 }, { text: 'scripted' });
    expect([
      (await chat(KEY)).status,
      await (await chat(KEY)).text(),
      await (await chat(KEY)).text(),
    ]).toEqual([503, expect.stringContaining('scripted'), expect.stringContaining('Hello from')]);
  });

  it('says what it lacks, and survives what is not JSON', async () => {
    await start();
    expect(
      (await fetch(`${fake.url}/v1/nothing`, { headers: { authorization: `Bearer ${KEY}` } })).status,
    ).toBe(404);
    const broken = await fetch(`${fake.baseUrls.openai}/chat/completions`, {
      method: 'POST',
      body: '{',
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(broken.status).toBe(200);
  });
});
