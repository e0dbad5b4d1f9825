import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { createAnthropic } from '@ai-sdk/anthropic';
import { ChatAnthropic } from '@langchain/anthropic';
import { generateText } from 'ai';
import { toUuid } from '#lib/kernel';
import { applicationOf, SECRETS, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const MODEL = 'claude-haiku-4-5';
const ASK = { model: MODEL, max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hi there.' }] };
const TOOL = {
  name: 'weather',
  description: 'The weather.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
};

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

const client = (apiKey = app.token) =>
  new Anthropic({ apiKey, baseURL: `${stage.url}/anthropic`, maxRetries: 0 });

describe('#51 the official Anthropic client, its own protocol', () => {
  it('asks, streams and calls tools; a beta header of the list goes on, another header does not', async () => {
    const answer = await client().messages.create(ASK, {
      headers: { 'anthropic-beta': 'context-1m-2025-08-07', 'x-own': 'no' },
    });
    expect(answer.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining(MODEL) });
    const { headers, body } = stage.upstream.requests[0]!;
    expect(headers).toMatchObject({
      'x-api-key': SECRETS.anthropic,
      'anthropic-beta': 'context-1m-2025-08-07',
    });
    expect([headers['x-own'], headers['authorization'], body]).toEqual([
      undefined,
      undefined,
      JSON.stringify(ASK),
    ]);

    const final = await client().messages.stream(ASK).finalMessage();
    expect(final.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('Hi there.') });
    const called = await client().messages.create({ ...ASK, tools: [TOOL] });
    expect(called.content.find(({ type }) => type === 'tool_use')).toMatchObject({ name: 'weather' });
    expect(called.stop_reason).toBe('tool_use');
  });

  it('counts tokens without a receipt, and lists the models of the workspace', async () => {
    stage.upstream.raw(({ url }) =>
      url.endsWith('/count_tokens')
        ? { headers: { 'content-type': 'application/json' }, pieces: ['{"input_tokens":14}'] }
        : undefined,
    );
    expect(await client().messages.countTokens({ model: MODEL, messages: ASK.messages })).toEqual({
      input_tokens: 14,
    });
    const models = [];
    for await (const { id } of client().models.list()) models.push(id);
    expect(models).toContain(MODEL);
    const { rows } = await stage.db.query('SELECT id FROM usage_records WHERE org_id = $1', [
      toUuid(app.tenant.orgId),
    ]);
    expect(rows).toEqual([]);
  });

  it('raises the class that the failure is of', async () => {
    await expect(client('sk-ant-none').messages.create(ASK)).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
    await expect(client(app.tenant.token).messages.create(ASK)).rejects.toBeInstanceOf(
      Anthropic.PermissionDeniedError,
    );
    await expect(client().messages.create({ ...ASK, model: 'nothing-9' })).rejects.toMatchObject({
      status: 422,
      error: { error: { code: 'model_not_available' } },
    });
    stage.upstream.script({ status: 429, message: 'Slow down.', headers: { 'retry-after': '7' } });
    await expect(client().messages.create(ASK)).rejects.toBeInstanceOf(Anthropic.RateLimitError);
    stage.upstream.script({ status: 401 });
    await expect(client().messages.create(ASK)).rejects.toMatchObject({
      status: 502,
      error: { error: { code: 'upstream_auth_failed' } },
    });
  });

  it('#52 a stream that the client leaves ends upstream, and is charged by what is known: the input as the vendor said it', async () => {
    stage.upstream.script({
      text: ['One two three four ', 'five '],
      hang: 'body',
      usage: { input: 321, output: 9 },
    });
    const stream = await client().messages.create({ ...ASK, stream: true });
    for await (const event of stream) if (event.type === 'content_block_delta') break;
    const [receipt] = await usageRows(stage, app.tenant, 1);
    expect(receipt).toMatchObject({
      outcome: 'aborted',
      input_tokens: 321,
      provider: 'anthropic',
      model: MODEL,
    });
    expect(receipt!['output_tokens']).toBe(5);
    for (let waited = 0; (await stage.upstream.connections()) > 1 && waited < 50; waited += 1)
      await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

describe('#51 other clients of this protocol', () => {
  it('the AI SDK and LangChain', async () => {
    const anthropic = createAnthropic({ apiKey: app.token, baseURL: `${stage.url}/anthropic/v1` });
    expect((await generateText({ model: anthropic(MODEL), prompt: 'Hi there.' })).text).toContain(
      'Hi there.',
    );
    const chain = new ChatAnthropic({
      model: MODEL,
      apiKey: app.token,
      anthropicApiUrl: `${stage.url}/anthropic`,
      maxRetries: 0,
    });
    expect((await chain.invoke('Hi there.')).content).toContain('Hi there.');
    const pieces = [];
    for await (const { content } of await chain.stream('Hi there.')) pieces.push(content);
    expect(pieces.join('')).toContain('Hi there.');
  });
});
