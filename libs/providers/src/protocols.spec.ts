import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import { startFakeUpstream, type FakeUpstream } from '#lib/testing';
import type { ModelEndpoint } from './endpoint.js';
import { listLiveModels } from './live-models.js';
import { runAgentLoop } from './loop.js';
import type { AgentLoopOptions, LoopEvent, LoopTool } from './loop-types.js';
import { pingModel } from './ping.js';

const KEY = 'sk-test-5d0c/+key=with&odd"chars-9f2c';
const ORG = 'org_01jd0000000000000000000000';
const HEADER = { openai: 'authorization', anthropic: 'x-api-key', gemini: 'x-goog-api-key' } as const;
const MODEL = { openai: 'gpt-4.1-mini', anthropic: 'claude-sonnet-4-6', gemini: 'gemini-2.5-flash' } as const;
const wires = [
  { protocol: 'openai', provider: 'openai' },
  ...(['groq', 'xai', 'openrouter', 'mistral', 'deepseek', 'ollama', 'gateway', 'custom'] as const).map(
    (provider) => ({ protocol: 'openai' as const, provider }),
  ),
  { protocol: 'anthropic', provider: 'anthropic' },
  { protocol: 'gemini', provider: 'google' },
] as const;

let fake: FakeUpstream;
let guard: EgressGuard;

beforeAll(async () => {
  fake = await startFakeUpstream({ expectKey: KEY });
  guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${fake.port}`]));
});

afterEach(() => fake.reset());

afterAll(async () => {
  await closeEgress(guard);
  await fake.stop();
});

function endpoint(wire: (typeof wires)[number], more: Partial<ModelEndpoint> = {}): ModelEndpoint {
  const baseUrl = fake.baseUrls[wire.protocol];
  return { ...wire, baseUrl, secret: KEY, fetch: guardedFetch({ guard, orgId: ORG }), ...more };
}

async function run(options: AgentLoopOptions): Promise<LoopEvent[]> {
  const events: LoopEvent[] = [];
  for await (const event of runAgentLoop(options)) events.push(event);
  return events;
}

function finished(events: LoopEvent[]) {
  const last = events.at(-1);
  if (last?.type !== 'finished') throw new Error(`the loop ended with ${last?.type}`);
  return last;
}

const weather: LoopTool = {
  name: 'get_weather',
  description: 'The weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: async ({ input }) => ({ forecast: 'sunny', asked: input }),
};

describe.each(wires)('the $protocol wire, as $provider', (wire) => {
  const model = MODEL[wire.protocol];
  const ask = [{ role: 'user' as const, content: 'Good morning' }];

  it('#30 sends exactly the assigned key, in the right header and never in the URL', async () => {
    await run({ endpoint: endpoint(wire), model, messages: ask });
    const [request] = fake.requests;
    const sent = wire.protocol === 'openai' ? `Bearer ${KEY}` : KEY;
    expect(request?.headers[HEADER[wire.protocol]]).toBe(sent);
    expect(decodeURIComponent(request!.url)).not.toContain(KEY);
    const elsewhere = Object.entries(request!.headers).filter(([name]) => name !== HEADER[wire.protocol]);
    expect(JSON.stringify(elsewhere)).not.toContain('5d0c');
    expect(request?.body).not.toContain('5d0c');
  });

  it('#16 sends a second secret in the header that its record names, and in no other', async () => {
    const second = { header: 'x-api-secret', value: 'second-7f21' };
    await run({ endpoint: endpoint(wire, { secondSecret: second }), model, messages: ask });
    const [request] = fake.requests;
    expect(request?.headers['x-api-secret']).toBe('second-7f21');
    expect(JSON.stringify(request).split('7f21')).toHaveLength(2);
  });

  it('#40 names a 429 with the seconds of its Retry-After, and asks only once', async () => {
    fake.script({ status: 429, message: 'slow down', headers: { 'retry-after': '11' } });
    await expect(run({ endpoint: endpoint(wire), model, messages: ask })).rejects.toMatchObject({
      code: 'rate_limited',
      extras: { retryAfterSeconds: 11 },
    });
    expect(fake.requests).toHaveLength(1);
  });

  it('#34 streams text, and ends with text, usage and the upstream request id', async () => {
    fake.script({ text: ['Good ', 'morning ', 'to you'], usage: { input: 11, output: 7, cached: 3 } });
    const events = await run({ endpoint: endpoint(wire), model, messages: ask });
    const deltas = events.filter((event) => event.type === 'text.delta').map((event) => event.delta);
    expect(deltas.join('')).toBe('Good morning to you');
    expect(deltas.length).toBeGreaterThan(1);
    expect(finished(events)).toMatchObject({
      text: 'Good morning to you',
      end: 'model',
      usage: { inputTokens: 11, outputTokens: 7, cachedInputTokens: 3, totalTokens: 18 },
      steps: [{ step: 1, upstreamRequestId: expect.stringMatching(/^req_fake_/) }],
    });
  });

  it('#33 runs a tool and gives its answer back to the model', async () => {
    fake.script(
      { toolCalls: [{ name: 'get_weather', input: { city: 'Oslo' } }] },
      { text: 'It is sunny in Oslo.' },
    );
    const events = await run({ endpoint: endpoint(wire), model, messages: ask, tools: [weather] });
    expect(events.map((event) => event.type).filter((type) => type !== 'text.delta')).toEqual([
      'step.started',
      'tool.call',
      'tool.result',
      'step.finished',
      'step.started',
      'step.finished',
      'finished',
    ]);
    expect(events.find((event) => event.type === 'tool.result')).toMatchObject({
      name: 'get_weather',
      output: { forecast: 'sunny', asked: { city: 'Oslo' } },
      error: null,
    });
    expect(fake.requests).toHaveLength(2);
    expect(fake.requests[1]?.body).toContain('sunny');
    expect(finished(events).text).toBe('It is sunny in Oslo.');
  });

  it('#19 pings a model with one token over the same path', async () => {
    const result = await pingModel(endpoint(wire), model);
    expect(result.upstreamRequestId).toMatch(/^req_fake_/);
    expect(fake.requests[0]?.body).toMatch(/max_?(completion_)?(output_?)?tokens"?:1\b/i);
  });

  it('#12 lists the models of the key itself', async () => {
    const models = await listLiveModels(endpoint(wire));
    expect(models.map((found) => found.id)).toContain(model);
    expect(fake.requests[0]?.headers[HEADER[wire.protocol]]).toContain(KEY);
    expect(fake.requests[0]?.url).not.toContain('5d0c');
  });

  it('#35 gives JSON that fits the schema, and refuses what does not, text kept', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    fake.script({ text: '{"city":"Oslo"}' }, { text: '{"town":"Oslo"}' });
    const output = { type: 'json' as const, schema };
    const events = await run({ endpoint: endpoint(wire), model, messages: ask, output });
    expect(finished(events).output).toEqual({ city: 'Oslo' });
    await expect(run({ endpoint: endpoint(wire), model, messages: ask, output })).rejects.toMatchObject({
      code: 'output_invalid',
      extras: { text: '{"town":"Oslo"}' },
    });
  });
});
