import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGoogle } from '@ai-sdk/google';
import { ApiError, GoogleGenAI } from '@google/genai';
import { GoogleGenerativeAIEmbeddings } from '@langchain/google-genai';
import { embedMany, streamText } from 'ai';
import { toUuid } from '#lib/kernel';
import { applicationOf, SECRETS, usageRows } from './support/compatible.js';
import { startStage, type Stage } from './support/stage.js';

const MODEL = 'gemini-2.5-flash';

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
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${stage.url}/gemini`, apiVersion: 'v1beta' } });

describe('#51 the official Gemini client, its own protocol', () => {
  it('asks, streams, calls tools; usage is metered, thoughts as output', async () => {
    const answer = await client().models.generateContent({ model: MODEL, contents: 'Hi there.' });
    expect(answer.text).toContain('Hi there.');
    expect(stage.upstream.requests[0]!.headers['x-goog-api-key']).toBe(SECRETS.google);
    expect(stage.upstream.requests[0]!.url).toContain(`/models/${MODEL}:generateContent`);

    stage.upstream.script({
      text: ['One ', 'two.'],
      usage: { input: 30, output: 8, cached: 10, reasoning: 3 },
    });
    const pieces = [];
    for await (const { text } of await client().models.generateContentStream({
      model: MODEL,
      contents: 'Hi.',
    }))
      pieces.push(text);
    expect(pieces.join('')).toBe('One two.');
    const rows = await usageRows(stage, app.tenant, 2);
    expect(rows.at(-1)).toMatchObject({
      input_tokens: 30,
      cached_input_tokens: 10,
      reasoning_tokens: 3,
      outcome: 'ok',
    });

    const called = await client().models.generateContent({
      model: MODEL,
      contents: 'Weather?',
      config: {
        tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object' } }] }],
      },
    });
    expect(called.functionCalls?.[0]?.name).toBe('weather');
  });

  it('lists the models of the workspace, and raises its own error with our reason inside', async () => {
    const models = [];
    for await (const { name } of await client().models.list()) models.push(name);
    expect(models).toContain(`models/${MODEL}`);
    const failure = client('none').models.generateContent({ model: MODEL, contents: 'Hi.' });
    await expect(failure).rejects.toBeInstanceOf(ApiError);
    await expect(failure).rejects.toMatchObject({
      status: 401,
      message: expect.stringContaining('"reason":"unauthenticated"'),
    });
    stage.upstream.script({ status: 429, message: 'Slow down.' });
    await expect(client().models.generateContent({ model: MODEL, contents: 'Hi.' })).rejects.toMatchObject({
      status: 429,
    });
  });

  it('a model of a named provider or key, though its name has a slash in it', async () => {
    for (const model of [`@google/${MODEL}`, `@${app.keys.google}/${MODEL}`]) {
      const answer = await client().models.generateContent({ model, contents: 'Hi there.' });
      expect(answer.text).toContain('Hi there.');
      expect(stage.upstream.requests.at(-1)!.url).toContain(`/models/${MODEL}:generateContent`);
    }
  });

  it('makes embeddings of its own model and of an alias, metered by length where nobody counts, and counts tokens', async () => {
    stage.upstream.raw(({ url, body }) => {
      const { requests = [] } = JSON.parse(body) as { requests?: object[] };
      const vector = { values: [0.5, 1] };
      const json = url.endsWith(':countTokens')
        ? { totalTokens: 31 }
        : { embeddings: requests.map(() => vector), embedding: vector };
      return { headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(json)] };
    });
    await stage.db.query(
      `INSERT INTO model_aliases (org_id, id, name, models) VALUES ($1, gen_random_uuid(), 'embed', $2)`,
      [toUuid(app.tenant.orgId), ['gemini-embedding-001']],
    );
    for (const model of ['gemini-embedding-001', 'embed', '@google/gemini-embedding-001']) {
      const { embeddings } = await client().models.embedContent({ model, contents: ['A text.', 'More.'] });
      expect(embeddings?.map(({ values }) => values)).toEqual([
        [0.5, 1],
        [0.5, 1],
      ]);
      const { url, body } = stage.upstream.requests.at(-1)!;
      expect(url).toContain('/models/gemini-embedding-001:batchEmbedContents');
      const { requests } = JSON.parse(body) as { requests: { model: string }[] };
      expect(new Set(requests.map((request) => request.model))).toEqual(
        new Set(['models/gemini-embedding-001']),
      );
    }
    const rows = await usageRows(stage, app.tenant, 3);
    expect(rows.map(({ input_tokens, output_tokens }) => [Number(input_tokens) > 0, output_tokens])).toEqual(
      Array(3).fill([true, 0]),
    );
    expect((await client().models.countTokens({ model: MODEL, contents: 'Hi.' })).totalTokens).toBe(31);
    const { embeddings } = await embedMany({
      model: createGoogle({ apiKey: app.token, baseURL: `${stage.url}/gemini/v1beta` }).embedding('embed'),
      values: ['a', 'b'],
    });
    expect(embeddings).toHaveLength(2);
    const chain = new GoogleGenerativeAIEmbeddings({
      ...{ model: 'gemini-embedding-001', apiKey: app.token, baseUrl: `${stage.url}/gemini` },
    });
    expect(await chain.embedQuery('x')).toEqual([0.5, 1]);
    const other = { model: 'models/gemini-2.5-pro', content: { parts: [{ text: 'x' }] } };
    const refused = await fetch(`${stage.url}/gemini/v1beta/models/gemini-embedding-001:batchEmbedContents`, {
      ...{ method: 'POST', body: JSON.stringify({ requests: [other] }) },
      headers: { 'x-goog-api-key': app.token, 'content-type': 'application/json' },
    });
    expect(refused.status).toBe(422);
  });

  it('the AI SDK', async () => {
    const google = createGoogle({ apiKey: app.token, baseURL: `${stage.url}/gemini/v1beta` });
    expect(await streamText({ model: google(MODEL), prompt: 'Hi there.' }).text).toContain('Hi there.');
  });
});
