import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { applicationOf, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const SCHEMA = {
  ...{ type: 'object', properties: { city: { type: 'string' } } },
  ...{ required: ['city'], additionalProperties: false },
};
const TOOLS: OpenAI.Responses.Tool[] = [
  { type: 'function', name: 'weather', description: 'Now.', parameters: SCHEMA, strict: true },
];
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
  await stage.tenants.key(app.tenant, {
    ...{ provider: 'custom', secret: 'sk-of-a-server', baseUrl: stage.upstream.baseUrls.openai },
  });
});

/** Anthropic, Gemini, and a server that has chat completions alone. */
const MODELS = ['claude-haiku-4-5', 'gemini-2.5-flash', '@custom/some-model'];
const client = () => new OpenAI({ apiKey: app.token, baseURL: `${stage.url}/v1`, maxRetries: 0 });
const sent = () => JSON.parse(stage.upstream.requests.at(-1)!.body) as Record<string, unknown>;

describe.each(MODELS)('#51 responses of %s, by OpenAI’s client', (model) => {
  it('text, images, instructions, limits and usage; the answer says what was asked, and that it is kept nowhere', async () => {
    stage.upstream.script({ text: 'A dot.', usage: USAGE });
    const answer = await client().responses.create({
      ...{ model, instructions: 'Be brief.', max_output_tokens: 50, temperature: 0.5 },
      metadata: { of: 'mine' },
      input: [
        { role: 'developer', content: 'Say what it is.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}`, detail: 'auto' },
          ],
        },
      ],
    });
    expect(answer).toMatchObject({
      ...{ object: 'response', status: 'completed', output_text: 'A dot.', store: false },
      ...{ instructions: 'Be brief.', max_output_tokens: 50, metadata: { of: 'mine' }, error: null },
      usage: {
        ...{ input_tokens: 40, output_tokens: 6, total_tokens: 46 },
        input_tokens_details: { cached_tokens: 10 },
      },
    });
    expect(JSON.stringify(sent())).toContain(PIXEL);
    for (const said of ['Be brief.', 'Say what it is.', 'What is this?', '50', '0.5'])
      expect(JSON.stringify(sent())).toContain(said);
    expect((await usageRows(stage, app.tenant, 1)).at(-1)).toMatchObject({
      ...{ input_tokens: 40, cached_input_tokens: 10, output_tokens: 6 },
    });
  });

  it('tools there and back, as one value and as a stream, several at once', async () => {
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: 'Rome and Oslo' }];
    stage.upstream.script({
      text: 'I will look.',
      toolCalls: ['Rome', 'Oslo'].map((city, at) => ({ id: `call_${at}`, name: 'weather', input: { city } })),
    });
    const first = await client().responses.create({ model, input, tools: TOOLS, tool_choice: 'auto' });
    expect(first.output.map(({ type }) => type)).toEqual(['message', 'function_call', 'function_call']);
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual([
      { city: 'Rome' },
      { city: 'Oslo' },
    ]);
    const said = first.output.filter((item) => item.type === 'message' || item.type === 'function_call');
    const outputs = calls.map(({ call_id }, at) => ({
      ...{ type: 'function_call_output' as const, call_id, output: `${at + 20} degrees` },
    }));
    const second = await client().responses.create({
      ...{ model, tools: TOOLS, input: [...input, ...said, ...outputs] },
    });
    expect(second.output_text).toMatch(/20 degrees.*21 degrees/);
    stage.upstream.script({
      toolCalls: ['Rome', 'Oslo'].map((city) => ({ name: 'weather', input: { city } })),
    });
    const alone = await client().responses.create({ model, input, tools: TOOLS, parallel_tool_calls: false });
    expect(alone.output.map(({ type }) => type)).toEqual(['function_call']);
    const stream = client().responses.stream({ model, input: 'Rome', tools: TOOLS, tool_choice: 'required' });
    const final = await stream.finalResponse();
    expect(final.output.at(-1)).toMatchObject({ type: 'function_call', arguments: '{"city":"Rome"}' });
  });

  it('a stream tells every event in its order, numbered, and ends incomplete where the answer was cut', async () => {
    stage.upstream.script({ text: ['One ', 'two.'], usage: USAGE, finish: 'length' });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    const stream = client().responses.stream({ model, input: 'Count.' });
    for await (const event of stream) events.push(event);
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      ...['created', 'in_progress', 'output_item.added', 'content_part.added'],
      ...events.filter(({ type }) => type.endsWith('text.delta')).map(() => 'output_text.delta'),
      ...['output_text.done', 'content_part.done', 'output_item.done', 'incomplete'],
    ]);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at));
    const final = await stream.finalResponse();
    expect(final).toMatchObject({
      ...{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      ...{ output_text: 'One two.', usage: { input_tokens: 40, output_tokens: 6 } },
    });
  });

  it('structured output is parsed', async () => {
    stage.upstream.script({ text: '{"city":"Rome"}' });
    const format = { type: 'json_schema' as const, name: 'place', schema: SCHEMA, strict: true };
    const answer = await client().responses.parse({ model, input: 'Where?', text: { format } });
    expect(answer.output_text).toBe('{"city":"Rome"}');
    expect(JSON.stringify(sent())).toContain('"city"');
  });

  it('what leans on what OpenAI keeps or runs is refused by name, and nothing is sent', async () => {
    const cases: [object, string][] = [
      [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
      [{ conversation: 'conv_1' }, 'conversation'],
      [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
      [{ background: true }, 'background'],
      [{ tools: [{ type: 'web_search' }] }, 'tools.0.type'],
      [{ tools: [{ type: 'mcp', server_label: 'x', server_url: 'https://x.test' }] }, 'tools.0.type'],
      [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input.0.type'],
      [{ input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, 'input.0.type'],
      [
        { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] },
        'input.0.content.0.type',
      ],
      [{ include: ['message.output_text.logprobs'] }, 'include.0'],
      [{ reasoning: { effort: 'low', summary: 'auto' } }, 'reasoning.summary'],
      [{ truncation: 'auto' }, 'truncation'],
      [{ max_tool_calls: 2 }, 'max_tool_calls'],
    ];
    for (const [extra, param] of cases)
      await expect(
        client().responses.create({ model, input: 'Hi.', ...extra } as OpenAI.Responses.ResponseCreateParams),
      ).rejects.toMatchObject({ status: 422, code: 'validation_failed', param });
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('#51 how much a model may think', () => {
  it('goes to whoever has a word for it, and is refused by name elsewhere', async () => {
    const ask = (model: string) =>
      client().responses.create({ model, input: 'Hi.', reasoning: { effort: 'low' } });
    await ask('gemini-2.5-flash');
    expect(JSON.stringify(sent())).toMatch(/"thinkingBudget":[1-9]/);
    await ask('@custom/some-model');
    expect(sent()).toMatchObject({ reasoning_effort: 'low' });
    await expect(ask('claude-haiku-4-5')).rejects.toMatchObject({ status: 422, param: 'reasoning' });
  });
});
