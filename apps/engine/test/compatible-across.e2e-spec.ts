import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { applicationOf, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const MODELS = { openai: 'gpt-4.1-mini', anthropic: 'claude-haiku-4-5', google: 'gemini-2.5-flash' };
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const USAGE = { input: 40, output: 6, cached: 10 };

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

const openai = () => new OpenAI({ apiKey: app.token, baseURL: `${stage.url}/v1`, maxRetries: 0 });
const anthropic = () =>
  new Anthropic({ apiKey: app.token, baseURL: `${stage.url}/anthropic`, maxRetries: 0 });
const gemini = () =>
  new GoogleGenAI({
    apiKey: app.token,
    httpOptions: { baseUrl: `${stage.url}/gemini`, apiVersion: 'v1beta' },
  });
const sent = () => JSON.parse(stage.upstream.requests.at(-1)!.body) as Record<string, unknown>;
const last = async () => (await usageRows(stage, app.tenant, 1)).at(-1);

describe('#51 OpenAI’s client, keys of other protocols', () => {
  it.each([MODELS.anthropic, MODELS.google])('%s: text, images, usage, and as a stream', async (model) => {
    stage.upstream.script(
      { text: 'A dot.', usage: USAGE },
      { text: ['One ', 'two.'], usage: USAGE, finish: 'length' },
    );
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
    ];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content },
    ];
    const answer = await openai().chat.completions.create({
      model,
      messages,
      max_tokens: 20,
      temperature: 0.5,
    });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'A dot.' }, finish_reason: 'stop' });
    expect(answer.usage).toMatchObject({
      prompt_tokens: 40,
      completion_tokens: 6,
      prompt_tokens_details: { cached_tokens: 10 },
    });
    expect(JSON.stringify(sent())).toContain(PIXEL);
    expect(JSON.stringify(sent())).toContain('Be brief.');
    const chunks = [];
    const options = { include_usage: true };
    for await (const chunk of await openai().chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: options,
    }))
      chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('One two.');
    expect(chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['length']);
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 40, completion_tokens: 6 });
    expect((await usageRows(stage, app.tenant, 2)).at(-1)).toMatchObject({
      input_tokens: 40,
      output_tokens: 6,
      model,
    });
  });

  it.each([MODELS.anthropic, MODELS.google])('%s: tools, there and back', async (model) => {
    const tools: OpenAI.ChatCompletionTool[] = [
      { type: 'function', function: { name: 'weather', description: 'Now.', parameters: SCHEMA } },
    ];
    const asked: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'Rome' };
    const first = await openai().chat.completions.create({ model, messages: [asked], tools });
    const { message, finish_reason } = first.choices[0]!;
    expect([finish_reason, message.tool_calls?.[0]]).toMatchObject([
      'tool_calls',
      { type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
    ]);
    const answered: OpenAI.ChatCompletionMessageParam = {
      ...{ role: 'tool', tool_call_id: message.tool_calls![0]!.id, content: '21 degrees' },
    };
    const second = await openai().chat.completions.create({
      model,
      messages: [asked, message, answered],
      tools,
    });
    expect(second.choices[0]?.message.content).toContain('21 degrees');
  });

  it('structured output', async () => {
    stage.upstream.script({ text: '{"city":"Rome"}' });
    const answer = await openai().chat.completions.create({
      model: MODELS.google,
      messages: [{ role: 'user', content: 'Where?' }],
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema: SCHEMA } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ city: 'Rome' });
    expect(JSON.stringify(sent())).toContain('application/json');
  });

  it('what has no translation is a named 422, and nothing is sent; an upstream’s failure keeps its class', async () => {
    const base = { model: MODELS.anthropic, messages: [{ role: 'user' as const, content: 'Hi.' }] };
    for (const [extra, param] of [
      [{ logprobs: true }, 'logprobs'],
      [{ n: 2 }, 'n'],
      [{ unheard_of: 1 }, 'unheard_of'],
      [
        { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] },
        'messages.0.content.0.type',
      ],
    ] as [object, string][])
      await expect(openai().chat.completions.create({ ...base, ...extra })).rejects.toMatchObject({
        ...{ status: 422, code: 'validation_failed', param },
      });
    await expect(openai().embeddings.create({ model: MODELS.anthropic, input: 'x' })).rejects.toMatchObject({
      status: 422,
    });
    expect(stage.upstream.requests).toEqual([]);
    stage.upstream.script({ status: 500, message: 'Boom.' });
    await expect(openai().chat.completions.create(base)).rejects.toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
    expect(await last()).toMatchObject({ outcome: 'failed', input_tokens: 0 });
  });
});

describe('#51 Anthropic’s client, keys of other protocols', () => {
  it.each([MODELS.openai, MODELS.google])('%s: text, tools there and back, stream', async (model) => {
    const tools = [
      { name: 'weather', description: 'Now.', input_schema: { ...SCHEMA, type: 'object' as const } },
    ];
    const asked: Anthropic.MessageParam = { role: 'user', content: [{ type: 'text', text: 'Rome' }] };
    const ask = { model, max_tokens: 50, system: 'Be brief.', tools };
    const first = await anthropic().messages.create({ ...ask, messages: [asked] });
    const use = first.content.find(({ type }) => type === 'tool_use') as Anthropic.ToolUseBlock;
    expect([first.stop_reason, use.name, use.input]).toEqual(['tool_use', 'weather', { city: 'Rome' }]);
    const messages: Anthropic.MessageParam[] = [
      asked,
      { role: 'assistant', content: first.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: '21 degrees' }] },
    ];
    const final = await anthropic()
      .messages.stream({ ...ask, messages })
      .finalMessage();
    expect(final.content[0]).toMatchObject({ type: 'text', text: expect.stringContaining('21 degrees') });
    expect([final.stop_reason, final.usage.output_tokens > 0]).toEqual(['end_turn', true]);
    const streamed = await anthropic()
      .messages.stream({ ...ask, messages: [asked] })
      .finalMessage();
    expect(streamed.content.at(-1)).toMatchObject({ type: 'tool_use', input: { city: 'Rome' } });
  });

  it('refuses thinking and vendor-run tools by name', async () => {
    const ask = {
      model: MODELS.openai,
      max_tokens: 2_000,
      messages: [{ role: 'user' as const, content: 'Hi.' }],
    };
    await expect(
      anthropic().messages.create({ ...ask, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
    ).rejects.toMatchObject({ status: 422, error: { error: { code: 'validation_failed' } } });
    await expect(
      anthropic().messages.create({ ...ask, tools: [{ type: 'web_search_20250305', name: 'web_search' }] }),
    ).rejects.toMatchObject({ status: 422 });
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('#51 Gemini’s client, keys of other protocols', () => {
  it.each([MODELS.openai, MODELS.anthropic])('%s: text, tools, stream', async (model) => {
    const tools = [
      { functionDeclarations: [{ name: 'weather', description: 'Now.', parametersJsonSchema: SCHEMA }] },
    ];
    const first = await gemini().models.generateContent({ model, contents: 'Rome', config: { tools } });
    expect(first.functionCalls?.[0]).toMatchObject({ name: 'weather', args: { city: 'Rome' } });
    const contents = [
      { role: 'user', parts: [{ text: 'Rome' }] },
      first.candidates![0]!.content!,
      {
        role: 'user',
        parts: [
          { functionResponse: { id: first.functionCalls![0]!.id!, name: 'weather', response: { t: 21 } } },
        ],
      },
    ];
    const pieces = [];
    for await (const { text } of await gemini().models.generateContentStream({
      model,
      contents,
      config: { tools },
    }))
      pieces.push(text);
    expect(pieces.join('')).toContain('{"t":21}');
  });
});
