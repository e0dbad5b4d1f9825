import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, type LanguageModel } from 'ai';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import { canariesIn, canaryEnvironment, startFakeUpstream, type FakeUpstream } from '#lib/testing';
import type { ModelEndpoint } from './endpoint.js';
import { listLiveModels } from './live-models.js';
import { runAgentLoop } from './loop.js';
import { pingModel } from './ping.js';

const KEY = 'sk-tenant-5d0c77ab9f2c';
const ORG = 'org_01jd0000000000000000000000';
const before = { ...process.env };
const realFetch = globalThis.fetch;

let fake: FakeUpstream;
/** Where the environment's addresses point. */
let sink: FakeUpstream;
let guard: EgressGuard;
/** Calls of the global fetch, which none of ours may make. */
let strays: { url: string; headers: string }[];

beforeAll(async () => {
  fake = await startFakeUpstream();
  sink = await startFakeUpstream();
  guard = new EgressGuard(
    parseEgressAllow([`http://127.0.0.1/32:${fake.port}`, `http://127.0.0.1/32:${sink.port}`]),
  );
});
beforeEach(() => {
  Object.assign(process.env, canaryEnvironment(`${sink.url}/v1`));
  strays = [];
  globalThis.fetch = (input, init) => {
    strays.push({ url: String(input), headers: JSON.stringify([...new Headers(init?.headers)]) });
    return Promise.resolve(new Response('{}', { status: 500 }));
  };
});
afterEach(() => {
  for (const name of Object.keys(canaryEnvironment(''))) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  globalThis.fetch = realFetch;
  fake.reset();
  sink.reset();
});
afterAll(async () => {
  await closeEgress(guard);
  await Promise.all([fake.stop(), sink.stop()]);
});

const fetchOut = () => guardedFetch({ guard, orgId: ORG });
const wires = [
  { protocol: 'openai', provider: 'openai' },
  { protocol: 'openai', provider: 'groq' },
  { protocol: 'openai', provider: 'ollama', keyless: true },
  { protocol: 'anthropic', provider: 'anthropic' },
  { protocol: 'gemini', provider: 'google' },
] as const;

function endpoint(wire: (typeof wires)[number]): ModelEndpoint {
  const { protocol, provider } = wire;
  const keyless = 'keyless' in wire;
  const baseUrl = keyless ? `${fake.baseUrls.ollama}/v1` : fake.baseUrls[protocol];
  return { protocol, provider, baseUrl, secret: keyless ? null : KEY, fetch: fetchOut() };
}
const leaks = (upstream: FakeUpstream) => canariesIn(JSON.stringify(upstream.requests));

describe('D: with a canary in every vendor variable', () => {
  it.each(wires)(
    '#30 $provider behaves as ever: no egress carries a canary, and nothing goes where a variable points',
    async (wire) => {
      const to = endpoint(wire);
      for await (const _event of runAgentLoop({
        endpoint: to,
        model: 'm',
        messages: [{ role: 'user', content: 'hi' }],
      }));
      await pingModel(to, 'm');
      await listLiveModels(to);
      expect(fake.requests).toHaveLength(3);
      expect(leaks(fake)).toEqual([]);
      expect(sink.requests).toEqual([]);
      expect(strays).toEqual([]);
      const auth = fake.requests.map(
        ({ headers }) => headers.authorization ?? headers['x-api-key'] ?? headers['x-goog-api-key'],
      );
      for (const value of auth)
        expect(value === undefined ? value : String(value).replace('Bearer ', '')).toBe(
          'keyless' in wire ? undefined : KEY,
        );
    },
  );

  it.each(['anthropic', 'gemini'] as const)(
    'an empty secret on the %s wire is sent empty, never filled in',
    async (protocol) => {
      const to: ModelEndpoint = {
        protocol,
        provider: 'custom',
        baseUrl: fake.baseUrls[protocol],
        secret: null,
        fetch: fetchOut(),
      };
      await expect(pingModel(to, 'm')).rejects.toMatchObject({ code: 'upstream_auth_failed' });
      expect([leaks(fake), sink.requests, strays]).toEqual([[], [], []]);
    },
  );
});

describe('D: control, a client made carelessly is caught by the very same looks', () => {
  const call = (model: LanguageModel) =>
    generateText({ model, prompt: 'hi', maxRetries: 0 }).catch(() => undefined);

  it('without a key the environment’s goes out, without a URL it goes where a variable points (OpenAI)', async () => {
    await call(createOpenAI({ baseURL: fake.baseUrls.openai, fetch: fetchOut() }).chat('m'));
    expect(leaks(fake)).toEqual(['canary-4f1d9c-openai-api-key']);
    await call(createOpenAI({ apiKey: KEY, fetch: fetchOut() }).chat('m'));
    expect(sink.requests).toHaveLength(1);
  });

  it('the same for Anthropic and Google', async () => {
    await call(createAnthropic({ baseURL: fake.baseUrls.anthropic, fetch: fetchOut() })('m'));
    await call(createGoogle({ baseURL: fake.baseUrls.gemini, fetch: fetchOut() })('m'));
    expect(leaks(fake)).toEqual([
      'canary-4f1d9c-anthropic-api-key',
      'canary-4f1d9c-google-generative-ai-api-key',
    ]);
    await call(createAnthropic({ apiKey: KEY, fetch: fetchOut() })('m'));
    expect(sink.requests).toHaveLength(1);
  });

  it('a bare model string leaves by the global fetch, to a hosted gateway', async () => {
    await call('openai/gpt-4.1-mini');
    expect(strays.map((stray) => stray.url).join()).toMatch(/gateway|127\.0\.0\.1/);
    expect(canariesIn(JSON.stringify(strays))).toEqual(['canary-4f1d9c-ai-gateway-api-key']);
  });
});
