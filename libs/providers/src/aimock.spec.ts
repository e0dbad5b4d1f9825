import { LLMock } from '@copilotkit/aimock';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import type { ModelEndpoint } from './endpoint.js';
import { runAgentLoop } from './loop.js';
import type { LoopEvent, LoopTool } from './loop-types.js';

// The same wires against a fake that nobody here wrote: a misreading of a vendor's wire that our own fake shares with our
// own expectations would show here.

const wires = [
  { protocol: 'openai', provider: 'openai', path: '/v1' },
  { protocol: 'openai', provider: 'groq', path: '/v1' },
  { protocol: 'anthropic', provider: 'anthropic', path: '/v1' },
  { protocol: 'gemini', provider: 'google', path: '/v1beta' },
] as const;

let mock: LLMock;
let guard: EgressGuard;
beforeAll(async () => {
  mock = new LLMock({ port: 0 });
  mock.on({ userMessage: 'hello' }, { content: 'Hello to you, too.' });
  mock.on({ userMessage: 'weather', hasToolResult: true }, { content: 'It is sunny in Oslo.' });
  const toolCalls = [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }];
  // Left alone it finishes Gemini's tool calls with FUNCTION_CALL, which Gemini doesn't know: there it is STOP.
  mock.on(
    { userMessage: 'weather', hasToolResult: false, model: /^gemini/ },
    { toolCalls, finishReason: 'stop' },
  );
  mock.on({ userMessage: 'weather', hasToolResult: false }, { toolCalls });
  mock.on(
    { userMessage: 'limit' },
    { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429 },
  );
  await mock.start();
  guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${mock.port}`]));
});
afterAll(async () => {
  await closeEgress(guard);
  await mock.stop();
});

const weather: LoopTool = {
  name: 'get_weather',
  description: 'The weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: async () => ({ forecast: 'sunny' }),
};

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
      const events = await run('weather', [weather]);
      expect(events.find((event) => event.type === 'tool.call')).toMatchObject({
        name: 'get_weather',
        input: { city: 'Oslo' },
      });
      expect(events.at(-1)).toMatchObject({ type: 'finished', text: 'It is sunny in Oslo.', end: 'model' });
    });

    it('names a rate limit', async () => {
      await expect(run('limit')).rejects.toMatchObject({ code: 'rate_limited' });
    });
  },
);
