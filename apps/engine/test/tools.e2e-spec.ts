import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '#lib/kernel';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  stage.tools.calls.length = 0;
  tenant = await stage.tenants.create();
});

function weather(path: string, extra: object = {}): object {
  return {
    type: 'http',
    name: 'weather',
    description: 'The weather in a city.',
    method: 'GET',
    url: stage.tools.url + path,
    inputSchema: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string' } },
      required: ['city'],
    },
    ...extra,
  };
}

const INPUT = { city: 'San José/..', unit: 'C' };
const CALL = { toolCalls: [{ name: 'weather', input: INPUT }] };

async function openaiKey(): Promise<void> {
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-tools-0123456789abc',
    baseUrl: stage.upstream.baseUrls.openai,
  });
}

describe.each(WIRES)('#33 the tool loop over $wire', ({ provider, wire, model }) => {
  beforeEach(() =>
    stage.tenants.key(tenant, {
      provider,
      secret: `sk-${provider}-tools-0123456789`,
      baseUrl: stage.upstream.baseUrls[wire],
    }),
  );

  it('calls the tool as the model asked, gives it the answer, and answers', async () => {
    stage.upstream.script(CALL, { text: 'It is 21 degrees.' });
    const tools = [weather('/at/{city}', { headers: { 'X-Api-Key': 'tool-key' } })];
    const { status, body } = await run(stage, tenant, { model, prompt: 'How warm is it?', tools });

    expect({ status, text: body.text }).toEqual({ status: 200, text: 'It is 21 degrees.' });
    expect(stage.tools.calls).toEqual([
      expect.objectContaining({
        method: 'GET',
        url: `/at/${encodeURIComponent(INPUT.city)}?unit=C`,
        body: '',
      }),
    ]);
    expect(stage.tools.calls[0]?.headers).toMatchObject({ 'x-api-key': 'tool-key' });
    expect(body.steps.map(({ step, toolCalls }) => ({ step, toolCalls }))).toEqual([
      {
        step: 1,
        toolCalls: [
          {
            toolCallId: expect.any(String),
            name: 'weather',
            input: INPUT,
            output: { temperature: 21 },
            error: null,
          },
        ],
      },
      { step: 2, toolCalls: [] },
    ]);
    expect(stage.upstream.requests).toHaveLength(2);
    expect(stage.upstream.requests[1]?.body).toContain('temperature');
    expect(body.usage.totalTokens).toBe(body.steps.reduce((sum, { usage }) => sum + usage.totalTokens, 0));
  });

  it('shows each call and result in the stream', async () => {
    stage.upstream.script(CALL, { text: 'Warm.' });
    const body = {
      nodeExecutionId: newId('req'),
      agent: { model, prompt: 'How warm?', tools: [weather('/at/{city}')] },
    };
    const seen = await allFrames(
      await send(stage, tenant, 'POST', '/agent-runs', { body, headers: { accept: 'text/event-stream' } }),
    );
    expect(seen.map(({ event }) => event).filter((name) => name !== 'text.delta')).toEqual([
      'run.started',
      'step.started',
      'tool.call',
      'tool.result',
      'step.finished',
      'step.started',
      'step.finished',
      'run.finished',
    ]);
    expect(seen.find(({ event }) => event === 'tool.call')?.data).toMatchObject({
      name: 'weather',
      input: INPUT,
      toolCallId: expect.any(String),
    });
  });
});

describe('what a tool does', () => {
  beforeEach(openaiKey);

  it('a POST tool gets what the URL did not take as its JSON body', async () => {
    stage.upstream.script(CALL, { text: 'Done.' });
    await run(stage, tenant, { prompt: 'Go.', tools: [weather('/at/{city}', { method: 'POST' })] });
    expect(stage.tools.calls[0]).toMatchObject({
      method: 'POST',
      body: '{"unit":"C"}',
      headers: { 'content-type': 'application/json' },
    });
  });

  const failures: [string, string, object, RegExp][] = [
    ['a status of 500', '/fails', {}, /status 500.*out of stock/],
    ['no answer in time', '/slow', { timeoutMs: 200 }, /within 200 ms/],
    ['a redirect to metadata', '/redirect', {}, /redirect/],
    ['too long an answer', '/huge', {}, /longer than/],
  ];
  it.each(failures)(
    '%s is an error that the model reads, and the run goes on',
    async (_, path, extra, message) => {
      stage.upstream.script(CALL, { text: 'Sorry.' });
      const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather(path, extra)] });
      expect({ status, text: body.text }).toEqual({ status: 200, text: 'Sorry.' });
      expect(body.steps[0]?.toolCalls[0]).toMatchObject({
        output: null,
        error: expect.stringMatching(message),
      });
    },
  );

  it('a loop that never ends stops at maxSteps', async () => {
    stage.upstream.respond(() => CALL);
    const { status, body } = await run(stage, tenant, {
      prompt: 'Go.',
      tools: [weather('/at/{city}')],
      maxSteps: 3,
    });
    expect({ status, steps: body.steps.length }).toEqual({ status: 200, steps: 3 });
    const json = await run(stage, tenant, {
      prompt: 'Go.',
      tools: [weather('/at/{city}')],
      maxSteps: 2,
      output: { type: 'boolean' },
    });
    stage.upstream.respond(() => undefined);
    expect(json).toMatchObject({ status: 422, body: { code: 'output_invalid' } });
  });

  it('the default is twenty steps', async () => {
    stage.upstream.respond(() => CALL);
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather('/at/{city}')] });
    stage.upstream.respond(() => undefined);
    expect(body.steps).toHaveLength(20);
  });

  it('a tool that repeats the provider key does not get it into the answer', async () => {
    stage.upstream.script(
      { toolCalls: [{ name: 'weather', input: { city: 'sk-tools-0123456789abc' } }] },
      { text: 'Done.' },
    );
    const { body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather('/at/{city}')] });
    expect(JSON.stringify(body)).not.toContain('sk-tools-0123456789abc');
  });
});

describe('#50 a tool URL that leads inside is refused before anything is sent', () => {
  beforeEach(openaiKey);

  it.each([
    'http://127.0.0.1:5432/',
    'http://169.254.169.254/latest/meta-data',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://①②⑦.0.0.1/',
    'http://localhost:1/',
    'https://10.0.0.1/x',
    'https://example.com:8443/',
  ])('%s', async (url) => {
    const { status, body } = await run(stage, tenant, { prompt: 'Go.', tools: [weather('', { url })] });
    expect({ status, code: body.code, pointer: body.errors?.[0]?.pointer }).toEqual({
      status: 422,
      code: 'egress_blocked',
      pointer: '/agent/tools/0/url',
    });
    expect(body.detail).toContain('"weather"');
    expect(stage.upstream.requests).toEqual([]);
  });

  it.each([
    'not a url',
    'https://{city}.example.com/',
    'https://user:pass@example.com/',
    'ftp://example.com/',
  ])('%s is no tool URL', async (url) => {
    const { status } = await run(stage, tenant, { prompt: 'Go.', tools: [weather('', { url })] });
    expect(status).toBe(422);
    expect(stage.upstream.requests).toEqual([]);
  });
});

describe('#35 the kind of answer', () => {
  beforeEach(openaiKey);

  const kinds: [object, string, unknown][] = [
    [
      { type: 'json', schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } },
      '{"a":1}',
      { a: 1 },
    ],
    [{ type: 'json' }, '[1,2]', [1, 2]],
    [{ type: 'score' }, '{"result":0.75}', 0.75],
    [{ type: 'category', categories: ['spam', 'ham'] }, '{"result":"ham"}', 'ham'],
    [{ type: 'boolean' }, '{"result":true}', true],
  ];
  it.each(kinds)('%j is read from the text', async (output, text, value) => {
    stage.upstream.script({ text });
    const { status, body } = await run(stage, tenant, { prompt: 'Judge.', output });
    expect({ status, output: body.output }).toEqual({ status: 200, output: value });
  });

  const wrong: [object, string][] = [
    [
      { type: 'json', schema: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } },
      '{"a":"one"}',
    ],
    [{ type: 'score' }, '{"result":7}'],
    [{ type: 'category', categories: ['spam', 'ham'] }, '{"result":"eggs"}'],
    [{ type: 'boolean' }, 'perhaps'],
  ];
  it.each(wrong)('%j that is not given is output_invalid, and the text is kept', async (output, text) => {
    stage.upstream.script({ text });
    const { status, body } = await run(stage, tenant, { prompt: 'Judge.', output });
    expect({ status, code: body.code, text: body.text }).toEqual({
      status: 422,
      code: 'output_invalid',
      text,
    });
  });
});
