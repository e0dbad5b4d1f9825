import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic from '@anthropic-ai/sdk';
import { OpenAIEmbeddings } from '@langchain/openai';
import { createOpenAI } from '@ai-sdk/openai';
import { embedMany } from 'ai';
import OpenAI from 'openai';
import { toUuid } from '#lib/kernel';
import { applicationOf, SECRETS, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const MODEL = 'gemini-embedding-001';
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

const baseURL = () => `${stage.url}/v1`;
const client = () => new OpenAI({ apiKey: app.token, baseURL: baseURL(), maxRetries: 0 });
const bodies = () => stage.upstream.requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

/** Google's answers: the n-th text of a request becomes [n + 1, 0.5, -0.25]; `counted` is what it says they had. */
function google(counted?: number): void {
  const usage = counted === undefined ? {} : { usageMetadata: { promptTokenCount: counted } };
  stage.upstream.raw(({ url, body }) => {
    const { requests } = JSON.parse(body) as { requests?: object[] };
    if (!/:(batchEmbedContents|embedContent)$/.test(url)) return undefined;
    const values = (at: number) => ({ values: [at + 1, 0.5, -0.25] });
    const said = requests ? { embeddings: requests.map((_, at) => values(at)) } : { embedding: values(0) };
    return { headers: JSON_TYPE, pieces: [JSON.stringify({ ...said, ...usage })] };
  });
}

describe('#51 embeddings by Gemini, in OpenAI’s words', () => {
  it('one text, several, and of a length; as base64, as OpenAI’s client asks by itself, and as numbers', async () => {
    google(7);
    const one = await client().embeddings.create({ model: MODEL, input: 'A text.', dimensions: 3 });
    expect(one).toMatchObject({
      data: [{ index: 0, embedding: [1, 0.5, -0.25] }],
      usage: { prompt_tokens: 7, total_tokens: 7 },
    });
    expect(bodies().at(-1)).toMatchObject({
      outputDimensionality: 3,
      content: { parts: [{ text: 'A text.' }] },
    });
    expect(stage.upstream.requests[0]!.headers['x-goog-api-key']).toBe(SECRETS.google);
    const many = await client().embeddings.create({
      ...{ model: MODEL, input: ['a', 'b'], encoding_format: 'float' },
    });
    expect(many.data.map(({ embedding }) => embedding[0])).toEqual([1, 2]);
    const raw = await fetch(`${baseURL()}/embeddings`, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${app.token}`, ...JSON_TYPE } },
      body: JSON.stringify({ model: MODEL, input: 'x', encoding_format: 'base64' }),
    });
    const { data } = (await raw.json()) as { data: { embedding: string }[] };
    expect(Buffer.from(data[0]!.embedding, 'base64').readFloatLE(4)).toBe(0.5);
    expect(
      (await usageRows(stage, app.tenant, 3)).map((row) => [row['input_tokens'], row['output_tokens']]),
    ).toEqual(Array(3).fill([7, 0]));
  });

  it('more than Google takes at once go in batches, in their order, each with a receipt; uncounted texts are counted by their length', async () => {
    google();
    const input = Array.from({ length: 230 }, (_, at) => `text ${String(at).padStart(3, '0')}`);
    const made = await client().embeddings.create({ model: MODEL, input });
    expect(made.data.map(({ embedding }) => embedding[0])).toEqual(input.map((_, at) => (at % 100) + 1));
    expect(bodies().map(({ requests }) => (requests as unknown[]).length)).toEqual([100, 100, 30]);
    const rows = await usageRows(stage, app.tenant, 3);
    expect(rows.map(({ input_tokens }) => input_tokens)).toEqual([200, 200, 60]);
    expect(made.usage.prompt_tokens).toBe(460);
  });

  it('the AI SDK and LangChain, by their own clients of OpenAI', async () => {
    google();
    const provider = createOpenAI({ apiKey: app.token, baseURL: baseURL() });
    const { embeddings } = await embedMany({ model: provider.embedding(MODEL), values: ['a', 'b'] });
    expect(embeddings.map(([first]) => first)).toEqual([1, 2]);
    const chain = new OpenAIEmbeddings({
      ...{ model: MODEL, apiKey: app.token, configuration: { baseURL: baseURL() }, maxRetries: 0 },
    });
    expect(await chain.embedQuery('x')).toEqual([1, 0.5, -0.25]);
  });

  it('texts as tokens, and a vendor that makes no embeddings, are refused by name', async () => {
    const ask = (body: Partial<OpenAI.EmbeddingCreateParams>) =>
      client().embeddings.create({ model: MODEL, input: 'x', ...body });
    await expect(ask({ input: [1, 2, 3] })).rejects.toMatchObject({ status: 422, param: 'input' });
    await expect(ask({ input: [[1], [2]] })).rejects.toMatchObject({ status: 422, param: 'input' });
    await expect(ask({ input: [] })).rejects.toMatchObject({ status: 422, param: 'input' });
    await expect(ask({ model: 'claude-haiku-4-5' })).rejects.toMatchObject({
      ...{ status: 422, code: 'validation_failed', message: expect.stringContaining('openai.embeddings') },
    });
    expect(stage.upstream.requests).toEqual([]);
    stage.upstream.raw(() => ({ status: 429, headers: { 'retry-after': '61' }, pieces: ['{}'] }));
    const failed = ask({});
    await expect(failed).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    await failed.catch((error: InstanceType<typeof OpenAI.APIError>) =>
      expect(error.headers?.get('retry-after')).toBe('61'),
    );
  });
});

describe('#51 a count of tokens, in Anthropic’s words', () => {
  const anthropic = () =>
    new Anthropic({ apiKey: app.token, baseURL: `${stage.url}/anthropic`, maxRetries: 0 });
  const count = (model: string) =>
    anthropic().messages.countTokens({
      ...{ model, system: 'Be brief.', messages: [{ role: 'user', content: 'How long is this?' }] },
      tools: [
        { name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
      ],
    });

  it.each([
    [
      ...['gemini-2.5-flash', '/models/gemini-2.5-flash:countTokens', '{"totalTokens":31}'],
      { generateContentRequest: { model: 'models/gemini-2.5-flash' } },
    ],
    [
      ...['gpt-4.1-mini', '/responses/input_tokens', '{"object":"response.input_tokens","input_tokens":31}'],
      { model: 'gpt-4.1-mini' },
    ],
  ] as [string, string, string, object][])(
    '%s: by the vendor’s own counter, of all that would be sent, without a receipt',
    async (model, path, said, expected) => {
      stage.upstream.raw(({ url }) =>
        url.endsWith(path) ? { headers: JSON_TYPE, pieces: [said] } : undefined,
      );
      expect(await count(model)).toEqual({ input_tokens: 31 });
      expect(bodies()).toMatchObject([expected]);
      for (const words of ['Be brief.', 'How long is this?', 'weather'])
        expect(stage.upstream.requests[0]!.body).toContain(words);
      const { rows } = await stage.db.query('SELECT id FROM usage_records WHERE org_id = $1', [
        toUuid(app.tenant.orgId),
      ]);
      expect(rows).toEqual([]);
    },
  );

  it('a server that nobody knows to count is refused by name; a refusal of the vendor keeps its class', async () => {
    await stage.tenants.key(app.tenant, {
      ...{ provider: 'custom', secret: 'sk-of-a-server', baseUrl: stage.upstream.baseUrls.openai },
    });
    await expect(count('@custom/some-model')).rejects.toMatchObject({
      status: 422,
      error: { error: { message: expect.stringContaining('anthropic.countTokens') } },
    });
    expect(stage.upstream.requests).toEqual([]);
    stage.upstream.raw(() => ({
      status: 429,
      headers: { ...JSON_TYPE, 'retry-after': '61' },
      pieces: ['{}'],
    }));
    await expect(count('gemini-2.5-flash')).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  });
});
