import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createGoogle } from '@ai-sdk/google';
import { ApiError, GoogleGenAI } from '@google/genai';
import { streamText } from 'ai';
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

  it('the AI SDK', async () => {
    const google = createGoogle({ apiKey: app.token, baseURL: `${stage.url}/gemini/v1beta` });
    expect(await streamText({ model: google(MODEL), prompt: 'Hi there.' }).text).toContain('Hi there.');
  });
});
