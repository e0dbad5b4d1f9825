import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import { startForeignFake, WEATHER_TOOL, type ForeignFake } from '#lib/testing';
import type { ModelEndpoint } from './endpoint.js';
import { runAgentLoop } from './loop.js';
import type { LoopEvent, LoopTool } from './loop-types.js';

// The wires of our own fake's specs, at a fake that nobody here wrote.

const wires = [
  { protocol: 'openai', provider: 'openai', path: '/v1' },
  // One client, and each vendor's record by itself: its name chooses what the client does.
  ...(['groq', 'xai', 'openrouter', 'mistral', 'deepseek', 'ollama', 'gateway', 'custom'] as const).map(
    (provider) => ({ protocol: 'openai' as const, provider, path: '/v1' }),
  ),
  { protocol: 'anthropic', provider: 'anthropic', path: '/v1' },
  { protocol: 'gemini', provider: 'google', path: '/v1beta' },
] as const;

let mock: ForeignFake;
let guard: EgressGuard;
beforeAll(async () => {
  mock = await startForeignFake();
  guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${mock.port}`]));
});
afterAll(async () => {
  await closeEgress(guard);
  await mock.stop();
});

describe.each(wires)(
  '#33 a foreign fake on the $protocol wire, as $provider',
  ({ protocol, provider, path }) => {
    const run = async (content: string, tools: LoopTool[] = []) => {
      const fetch = guardedFetch({ guard, orgId: 'org_01jd0000000000000000000000' });
      const baseUrl = `http://127.0.0.1:${mock.port}${path}`;
      const endpoint: ModelEndpoint = { protocol, provider, baseUrl, secret: 'sk-foreign-1234567890', fetch };
      const events: LoopEvent[] = [];
      for await (const event of runAgentLoop({
        endpoint,
        model: `${protocol}-model`,
        messages: [{ role: 'user', content }],
        tools,
      })) {
        events.push(event);
      }
      return events;
    };

    it('streams a text', async () => {
      expect((await run('hello')).at(-1)).toMatchObject({
        type: 'finished',
        text: 'Hello to you, too.',
        end: 'model',
      });
    });

    it('goes twice round a tool', async () => {
      const events = await run('weather', [WEATHER_TOOL]);
      expect(events.find((event) => event.type === 'tool.call')).toMatchObject({
        name: 'get_weather',
        input: { city: 'Oslo' },
      });
      expect(events.at(-1)).toMatchObject({ type: 'finished', text: 'It is sunny in Oslo.', end: 'model' });
    });

    it('#40 names a rate limit, and when to come again', async () => {
      await expect(run('limit')).rejects.toMatchObject({
        code: 'rate_limited',
        extras: { retryAfterSeconds: 7 },
      });
    });
  },
);
