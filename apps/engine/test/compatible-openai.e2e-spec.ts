import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createOpenAI } from '@ai-sdk/openai';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import OpenAI from 'openai';
import { applicationOf, SECRETS, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const MODEL = 'gpt-4.1-mini';
const ASK = { model: MODEL, messages: [{ role: 'user' as const, content: 'Hi there.' }] };
const TOOLS: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const JSON_TYPE = { 'content-type': 'application/json' };

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

const client = (apiKey = app.token) => new OpenAI({ apiKey, baseURL: `${stage.url}/v1`, maxRetries: 0 });
const post = (path: string, body: object | string, headers: Record<string, string> = {}) =>
  fetch(`${stage.url}/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${app.token}`, ...JSON_TYPE, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const embeddings = () =>
  stage.upstream.raw(({ url }) =>
    url.endsWith('/embeddings')
      ? {
          headers: JSON_TYPE,
          pieces: [
            '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}],"model":"m",',
            '"usage":{"prompt_tokens":6,"total_tokens":6}}',
          ],
        }
      : undefined,
  );

describe('#51 the official OpenAI client, its own protocol', () => {
  it('chats; the key is ours, the headers say who served, the bytes of both sides are untouched', async () => {
    const { data, response } = await client().chat.completions.create(ASK).withResponse();
    expect(data.choices[0]?.message.content).toContain('Hello from gpt-4.1-mini');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'claviger-key-id': app.keys.openai,
      'claviger-provider': 'openai',
      'claviger-model': MODEL,
      'claviger-run-id': expect.stringMatching(/^run_/),
      'x-request-id': expect.stringMatching(/^req_/),
    });
    const { headers, body } = stage.upstream.requests[0]!;
    expect([headers.authorization, body]).toEqual([`Bearer ${SECRETS.openai}`, JSON.stringify(ASK)]);
    const strange =
      '{ "model":"gpt-4.1-mini" , "messages":[], "seed": 12345678901234567890, "new_feature":{"a":[1e3]} }';
    const answer = '{"choices":[],\n "odd":  1.0, "usage":{"prompt_tokens":3,"completion_tokens":2}}';
    stage.upstream.raw(() => ({ headers: JSON_TYPE, pieces: [answer.slice(0, 9), answer.slice(9)] }));
    expect(await (await post('/chat/completions', strange)).text()).toBe(answer);
    expect(stage.upstream.requests.at(-1)!.body).toBe(strange);
  });

  it('streams; the usage that we ask for stays here, the one that the client asks for goes on', async () => {
    const all = async (stream_options?: { include_usage: boolean }) => {
      const stream = await client().chat.completions.create({ ...ASK, stream: true, stream_options });
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      return chunks;
    };
    const plain = await all();
    expect(plain.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toContain('Hi there.');
    expect(plain.filter(({ choices }) => choices.length === 0)).toEqual([]);
    expect(JSON.parse(stage.upstream.requests[0]!.body)).toMatchObject({
      stream_options: { include_usage: true },
    });
    const asked = await all({ include_usage: true });
    expect(asked.at(-1)?.usage?.total_tokens).toBeGreaterThan(0);
    const receipts = await usageRows(stage, app.tenant, 2);
    expect(
      receipts.map(({ input_tokens, output_tokens }) => Number(input_tokens) + Number(output_tokens)),
    ).toEqual([...[asked.at(-1)?.usage?.total_tokens, asked.at(-1)?.usage?.total_tokens]]);
  });

  it('calls tools, gives structured output, makes embeddings, lists models', async () => {
    const called = await client().chat.completions.create({ ...ASK, tools: TOOLS });
    expect(called.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'weather' } });
    const schema = { type: 'object', properties: { city: { type: 'string' } } };
    const parsed = await client().chat.completions.parse({
      ...ASK,
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema } },
    });
    expect(parsed.choices[0]?.message.content).toContain('"city"');
    embeddings();
    const made = await client().embeddings.create({
      model: 'text-embedding-3-small',
      input: 'x',
      encoding_format: 'float',
    });
    expect(made.data[0]?.embedding).toEqual([0.1, 0.2]);
    expect((await usageRows(stage, app.tenant, 3)).at(-1)).toMatchObject({
      input_tokens: 6,
      output_tokens: 0,
    });
    const ids = [];
    for await (const { id } of client().models.list()) ids.push(id);
    expect(ids).toContain(MODEL);
  });

  it('responses go through, streamed and metered; in the background they are refused', async () => {
    const usage = { input_tokens: 11, output_tokens: 7, output_tokens_details: { reasoning_tokens: 4 } };
    const response = { id: 'resp_1', object: 'response', output: [], status: 'completed', usage };
    const events = [
      { type: 'response.created', response: { ...response, usage: null } },
      { type: 'response.output_text.delta', item_id: 'i', output_index: 0, content_index: 0, delta: 'Hi.' },
      { type: 'response.completed', response },
    ];
    stage.upstream.raw(() => ({
      headers: { 'content-type': 'text/event-stream' },
      pieces: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    }));
    const types = [];
    for await (const { type } of await client().responses.create({
      model: MODEL,
      input: 'Hi.',
      stream: true,
    }))
      types.push(type);
    expect(types).toEqual(events.map(({ type }) => type));
    expect(await usageRows(stage, app.tenant, 1)).toMatchObject([
      { input_tokens: 11, output_tokens: 7, reasoning_tokens: 4, outcome: 'ok' },
    ]);
    await expect(
      client().responses.create({ model: MODEL, input: 'Hi.', background: true }),
    ).rejects.toMatchObject({
      ...{ status: 422, param: 'background' },
    });
  });

  it('raises the class that a failure is of, and tells its client whether to try again', async () => {
    const create = (apiKey?: string, change: object = {}) =>
      client(apiKey).chat.completions.create({ ...ASK, ...change });
    await expect(create('clv_ws_nonsense')).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
    await expect(create(app.tenant.token)).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await expect(create(undefined, { model: 'nothing-9' })).rejects.toMatchObject({
      ...{ status: 422, code: 'model_not_available', requestID: expect.stringMatching(/^req_/) },
    });
    stage.upstream.script({ status: 429, message: 'Slow down.', headers: { 'retry-after': '7' } });
    const limited = create();
    await expect(limited).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await expect(limited).rejects.toMatchObject({ headers: expect.any(Headers) });
    stage.upstream.script({ status: 401, echoKey: 'raw', message: SECRETS.openai });
    const refused = await post('/chat/completions', ASK);
    expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([502, 'false']);
    expect(await refused.text()).not.toContain(SECRETS.openai);
    stage.upstream.script({ status: 400, message: `No ${SECRETS.openai} here.` });
    const passed = await post('/chat/completions', ASK);
    expect([passed.status, await passed.text()]).toEqual([
      400,
      expect.stringContaining('No [redacted] here.'),
    ]);
    for (const body of ['{"model":"a","model":"b"}', '{"messages":[]}', 'nonsense', ''])
      expect([body, Math.floor((await post('/chat/completions', body)).status / 100)]).toEqual([body, 4]);
    const outcomes = (await usageRows(stage, app.tenant, 3)).map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['failed', 'refused', 'failed']);
    const charged = await usageRows(stage, app.tenant, 3);
    expect(charged.map(({ input_tokens }) => input_tokens)).toEqual([0, 0, 0]);
  });

  it('#52 an abort ends the call upstream; text that came is charged by its length', async () => {
    stage.upstream.script({ text: ['x'.repeat(80), 'y'], hang: 'body' });
    const stream = await client().chat.completions.create({ ...ASK, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content) stream.controller.abort();
    const [receipt] = await usageRows(stage, app.tenant, 1);
    expect(receipt).toMatchObject({ outcome: 'aborted', output_tokens: 20 });
    expect(Number(receipt!['input_tokens'])).toBeGreaterThan(0);
  });

  it('a key that the upstream echoes reaches nobody, whole or as a stream', async () => {
    for (const stream of [false, true]) {
      stage.upstream.script({ text: ['Your key: '], echoKey: 'raw' });
      const text = await (await post('/chat/completions', { ...ASK, stream })).text();
      expect(text).toContain('[redacted]');
      expect(text).not.toContain(SECRETS.openai);
    }
  });
});

describe('#51 other clients of this protocol', () => {
  it('the AI SDK: chat, stream', async () => {
    const openai = createOpenAI({ apiKey: app.token, baseURL: `${stage.url}/v1` });
    expect((await generateText({ model: openai.chat(MODEL), prompt: 'Hi there.' })).text).toContain(
      'Hi there.',
    );
    expect(await streamText({ model: openai.chat(MODEL), prompt: 'Hi there.' }).text).toContain('Hi there.');
  });

  it('LangChain: chat, stream, tools, embeddings', async () => {
    const configuration = { baseURL: `${stage.url}/v1` };
    const chain = new ChatOpenAI({ model: MODEL, apiKey: app.token, configuration, maxRetries: 0 });
    expect((await chain.invoke('Hi there.')).content).toContain('Hi there.');
    const pieces = [];
    for await (const { content } of await chain.stream('Hi there.')) pieces.push(content);
    expect(pieces.join('')).toContain('Hi there.');
    expect((await chain.bindTools(TOOLS).invoke('Rome')).tool_calls?.[0]?.name).toBe('weather');
    embeddings();
    const made = new OpenAIEmbeddings({
      model: 'text-embedding-3-small',
      apiKey: app.token,
      configuration,
      encodingFormat: 'float',
    });
    expect(await made.embedQuery('x')).toEqual([0.1, 0.2]);
  });
});
