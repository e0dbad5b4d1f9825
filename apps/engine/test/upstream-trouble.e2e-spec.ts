import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import {
  answers,
  dripBody,
  dripHead,
  flood,
  hang,
  startTroubleServer,
  streams,
  tornAfter,
  type Trouble,
  type TroubleServer,
} from './support/trouble-server.js';
import { until } from './support/until.js';
import { WIRES } from './support/wires.js';

const TIMEOUT_MS = 400;
/** Time for a shared machine to notice; what is promised is that it ends by its time-out, and not by the vendor's. */
const SLACK_MS = 5_000;

let trouble: TroubleServer;
let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  trouble = await startTroubleServer();
  stage = await startStage({ alsoAllow: [`http://127.0.0.1/32:${trouble.port}`] });
  tenant = await stage.tenants.create();
  for (const { provider } of WIRES)
    await stage.tenants.key(tenant, {
      provider,
      secret: `sk-${provider}-trouble-0123456789`,
      baseUrl: `http://127.0.0.1:${trouble.port}/v1`,
    });
});
afterAll(async () => {
  await stage?.stop();
  await trouble?.stop();
});
/** Whatever happened, nothing of it stays open. */
afterEach(async () => {
  for (let wait = 0; wait < 300 && trouble.connections() > 0; wait += 1)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(trouble.connections()).toBe(0);
});

const RETRY_DATE = () => new Date(Date.now() + 90_000).toUTCString();
const DELTA = (text: string) => ({
  openai: `data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"${text}"},"finish_reason":null}]}\n\n`,
  anthropic: `event: message_start\ndata: {"type":"message_start","message":{"id":"1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
  gemini: `data: {"candidates":[{"content":{"role":"model","parts":[{"text":"${text}"}]},"index":0}]}\n\n`,
});

describe.each(WIRES)('#34 #39 an upstream in trouble on the $wire wire', ({ provider, wire, model }) => {
  const cases: [string, Trouble, string, string, RegExp][] = [
    ['hangs', hang, 'upstream_timeout', '', /within its 400 ms/],
    ['sends its head byte by byte', dripHead, 'upstream_timeout', '', /within its 400 ms|no answer within/],
    ['sends comments and no event', dripBody, 'upstream_timeout', '', /within its 400 ms/],
    ['is torn off in the middle', tornAfter(DELTA('half')[wire]), 'upstream_error', 'half', /broke/],
    [
      'ends in the middle',
      streams(DELTA('half')[wire]),
      'upstream_error',
      'half',
      /before it was finished|failed while/,
    ],
    [
      'ends in the middle of an event',
      streams(DELTA('half')[wire].slice(0, -9)),
      'upstream_error',
      '',
      /before it was finished|failed while/,
    ],
    [
      'sends events that are no JSON',
      streams('data: {"choices": [\n\n'),
      'upstream_error',
      '',
      /failed while|before it was finished/,
    ],
    [
      'sends events of another shape',
      streams('data: {"surprise": true}\n\n'),
      'upstream_error',
      '',
      /failed while|before it was finished/,
    ],
    [
      'sends a page',
      answers(200, { 'content-type': 'text/html' }, '<html>Welcome</html>'),
      'upstream_error',
      '',
      /failed while|before it was finished/,
    ],
    ['sends nothing', streams(''), 'upstream_error', '', /failed while|before it was finished/],
    [
      'is out of order',
      answers(500, { 'content-type': 'text/plain' }, 'x'.repeat(3_000_000)),
      'upstream_error',
      '',
      /answered 500/,
    ],
    [
      'sends no HTTP at all',
      (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n'),
      'upstream_error',
      '',
      /the connection/,
    ],
    ['hangs up at once', (socket) => void socket.destroy(), 'upstream_error', '', /closed the connection/],
  ];
  it.each(cases)('that %s is named, in time', async (_, what, code, text, detail) => {
    trouble.plan(what);
    const started = Date.now();
    const { body } = await run(stage, tenant, { provider, model, prompt: 'Hi.', timeoutMs: TIMEOUT_MS });
    expect(Date.now() - started).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect([body.code, trouble.requests()]).toEqual([code, 1]);
    expect(body.detail).toMatch(detail);
    expect(body.detail!.length).toBeLessThan(800);
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
    expect(kept.body).toMatchObject({ status: 'failed', text });
  });

  it.each([
    ['seconds', () => '90'],
    ['a date', RETRY_DATE],
  ])('that limits its rate, and says until when in %s, is named with that time', async (_, value) => {
    trouble.plan(answers(429, { 'retry-after': value() }, '{}'));
    const { status, body, headers } = await run(stage, tenant, { provider, model, prompt: 'Hi.' });
    expect([status, body.code, trouble.requests()]).toEqual([429, 'rate_limited', 1]);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(80);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(91);
  });
});

describe('an upstream that sends more than anybody can read', () => {
  it('is cut off at 64 MiB, by name, and its socket is closed', async () => {
    trouble.plan(flood);
    const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.', timeoutMs: 60_000 });
    expect(body.code).toBe('upstream_error');
    expect(body.detail).toContain('longer than 67108864 bytes');
  }, 60_000);
});

describe('#40 a burst of refusals', () => {
  it('that ends is told attempt by attempt, and only the pauses that were asked for are made', async () => {
    const slow = answers(429, { 'retry-after': '0', 'x-request-id': 'req_slow' }, '{}');
    const good = `${DELTA('well')['openai']}data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}\n\ndata: [DONE]\n\n`;
    trouble.plan(slow, slow, slow, streams(good));
    const { status, body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.' });
    expect([status, body.text, trouble.requests()]).toEqual([200, 'well', 4]);
    const limited = {
      outcome: 'failed',
      code: 'rate_limited',
      reason: 'rate_limited',
      upstreamRequestId: 'req_slow',
    };
    expect(body.served?.attempts).toEqual([
      ...Array.from({ length: 3 }, () => expect.objectContaining(limited)),
      expect.objectContaining({ outcome: 'ok', code: null, reason: null }),
    ]);
  });

  it('that does not end is given up after five', async () => {
    trouble.plan(answers(429, { 'retry-after': '0' }, '{}'));
    const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.' });
    expect([body.code, trouble.requests()]).toEqual(['rate_limited', 5]);
    const kept = await call(stage, tenant, 'GET', `/agent-runs/${body.runId}`);
    expect(kept.body.served?.attempts).toHaveLength(5);
  });

  it('of 500s is not asked again at the same target: it may have acted on the request', async () => {
    trouble.plan(answers(500, {}, 'boom'));
    const answersOf = await Promise.all(
      Array.from({ length: 20 }, () => run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.' })),
    );
    expect(answersOf.map(({ body }) => body.code)).toEqual(
      Array.from({ length: 20 }, () => 'upstream_error'),
    );
    expect(trouble.requests()).toBe(20);
  });
});

describe('#34 after all of these', () => {
  const OFTEN = 12;
  const troubles: [string, Trouble][] = [
    ['hangs', hang],
    ['drips its head', dripHead],
    ['drips comments', dripBody],
    ['is torn off', tornAfter(DELTA('half').openai)],
    ['ends early', streams(DELTA('half').openai)],
    ['is no JSON', streams('data: {"choices": [\n\n')],
    ['is limited', answers(429, { 'retry-after': '90' }, '{}')],
    ['is out of order', answers(500, {}, 'x'.repeat(1_000_000))],
    ['hangs up', (socket) => void socket.destroy()],
  ];
  const once = () => run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.', timeoutMs: TIMEOUT_MS });

  /** What is in use when nothing is left to collect: memory in MiB, and sockets of this process. */
  async function inUse(): Promise<{ mib: number; sockets: number }> {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    for (let round = 0; round < 3; round += 1) {
      collect();
      await delay(20);
    }
    const { heapUsed, external } = process.memoryUsage();
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    return { mib: (heapUsed + external) / 2 ** 20, sockets };
  }

  it('memory and sockets are near what they were, though each came often at once, and an answer without an end with them', async () => {
    const storm = async (often: number): Promise<void> => {
      for (const [, what] of troubles) {
        trouble.plan(what);
        const codes = (await Promise.all(Array.from({ length: often }, once))).map(({ body }) => body.code);
        for (const code of codes)
          expect(code).toMatch(/^(upstream_(timeout|error)|rate_limited|overloaded)$/);
      }
    };
    await storm(2);
    const before = await inUse();
    await storm(OFTEN);
    trouble.plan(flood);
    await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: 'Hi.', timeoutMs: 60_000 });
    await until(() => trouble.connections() === 0);
    const after = await inUse();
    // An answer of 64 MiB that anything held on to would show, and so would a megabyte of each page that was refused.
    expect(after.mib - before.mib).toBeLessThan(40);
    expect(after.sockets - before.sockets).toBeLessThan(OFTEN);
  }, 90_000);
});
