import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ClavigerError } from '#lib/contracts';
import { closeEgress, EgressGuard, guardedFetch, parseEgressAllow } from '#lib/egress';
import { startFakeUpstream, type FakeToolCall, type FakeUpstream, type NeutralCall } from '#lib/testing';
import type { ModelEndpoint } from './endpoint.js';
import { runAgentLoop } from './loop.js';
import type { AgentLoopOptions, LoopEvent, LoopTool } from './loop-types.js';
import { mendJson } from './tools.js';

const KEY = 'sk-loop-5d0c77ab9f2c';
const ORG = 'org_01jd0000000000000000000000';
const wires = [
  { protocol: 'openai', provider: 'openai' },
  { protocol: 'openai', provider: 'groq' },
  { protocol: 'anthropic', provider: 'anthropic' },
  { protocol: 'gemini', provider: 'google' },
] as const;

let fake: FakeUpstream;
let guard: EgressGuard;
/** What the fake understood of each call. */
let calls: NeutralCall[];
beforeAll(async () => {
  fake = await startFakeUpstream({ expectKey: KEY });
  guard = new EgressGuard(parseEgressAllow([`http://127.0.0.1/32:${fake.port}`]));
});
afterEach(() => fake.reset());
afterAll(async () => {
  await closeEgress(guard);
  await fake.stop();
});

function add(name = 'add'): LoopTool {
  const number = { type: 'number' };
  return {
    name,
    description: 'Adds two numbers',
    inputSchema: { type: 'object', properties: { a: number, b: number }, required: ['a', 'b'] },
    execute: async ({ input }) => {
      const { a, b } = input as { a: number; b: number };
      return a + b;
    },
  };
}

describe.each(wires)('#33 the agent loop on the $protocol wire, as $provider', (wire) => {
  const run = async (more: Partial<AgentLoopOptions>) => {
    calls = [];
    fake.respond((call) => void calls.push(call));
    const endpoint: ModelEndpoint = {
      ...wire,
      baseUrl: fake.baseUrls[wire.protocol],
      secret: KEY,
      fetch: guardedFetch({ guard, orgId: ORG }),
    };
    const events: LoopEvent[] = [];
    const ask = [{ role: 'user' as const, content: 'How much is it?' }];
    for await (const event of runAgentLoop({ endpoint, model: 'm', messages: ask, ...more }))
      events.push(event);
    const last = events.at(-1);
    if (last?.type !== 'finished') throw new Error('unfinished');
    return { events, last };
  };
  const calling = (input: unknown, name = 'add', id?: string): { toolCalls: FakeToolCall[] } => ({
    toolCalls: [{ name, input, id }],
  });

  it('goes on while the model calls tools, and adds up the usage of all steps', async () => {
    const usage = { input: 10, output: 5 };
    fake.script(
      { ...calling({ a: 1, b: 2 }), usage },
      { ...calling({ a: 3, b: 4 }), usage },
      { text: 'Ten.', usage },
    );
    const { last } = await run({ tools: [add()] });
    expect(last.steps.map((step) => step.toolCalls.map((call) => call.output))).toEqual([[3], [7], []]);
    expect(last).toMatchObject({
      text: 'Ten.',
      end: 'model',
      usage: { inputTokens: 30, outputTokens: 15, totalTokens: 45 },
    });
    expect(calls[2]?.toolResults.join()).toContain('7');
  });

  it('runs several calls of one step and gives back each answer', async () => {
    const toolCalls = [
      { id: 'one', name: 'add', input: { a: 1, b: 1 } },
      { id: 'two', name: 'add', input: { a: 2, b: 2 } },
    ];
    fake.script({ toolCalls }, { text: 'Done.' });
    const { last } = await run({ tools: [add()] });
    expect(last.steps[0]?.toolCalls.map((call) => call.output).sort()).toEqual([2, 4]);
    expect(calls[1]?.toolResults).toHaveLength(2);
  });

  it('stops at maxSteps, by default 20', async () => {
    fake.script(...new Array(30).fill(calling({ a: 1, b: 1 })));
    const { last } = await run({ tools: [add()], maxSteps: 3 });
    expect([last.end, last.steps.length, last.output]).toEqual(['max_steps', 3, null]);
    expect((await run({ tools: [add()] })).last.steps).toHaveLength(20);
  });

  it('a tool that fails tells the model why, and the run goes on', async () => {
    const broken: LoopTool = {
      ...add(),
      execute: () => Promise.reject(new Error('the calculator is out of order')),
    };
    fake.script(calling({ a: 1, b: 2 }), { text: 'I could not add.' });
    const { last, events } = await run({ tools: [broken] });
    expect(events.find((event) => event.type === 'tool.result')).toMatchObject({
      error: 'the calculator is out of order',
      output: null,
    });
    expect(calls[1]?.toolResults.join()).toContain('out of order');
    expect(last.text).toBe('I could not add.');
  });

  it('#35 a call that does not fit the schema, or names no tool, is told to the model and never run', async () => {
    let ran = 0;
    const counted: LoopTool = { ...add(), execute: async () => (ran += 1) };
    fake.script(calling({ a: 'one' }), calling({ a: 1, b: 2 }, 'subtract'), calling({ a: 1, b: 2 }), {
      text: 'Three.',
    });
    const { last } = await run({ tools: [counted] });
    expect(
      last.steps.map((step) => step.toolCalls[0]?.error !== null && step.toolCalls[0] !== undefined),
    ).toEqual([true, true, false, false]);
    expect([ran, last.text]).toEqual([1, 'Three.']);
    expect(calls[1]?.toolResults.join()).toMatch(/Invalid input for tool add/);
    expect(calls[2]?.toolResults.join()).toMatch(/subtract.*add/s);
  });

  // Gemini's calls come as objects: there is no text to slip in.
  if (wire.protocol !== 'gemini')
    it('#35 a slip of JSON in a call is mended once, without asking the model; what that does not help is told to it', async () => {
      let ran = 0;
      const counted: LoopTool = { ...add(), execute: async () => (ran += 1) };
      fake.script(calling('{"a":1,"b":2,}'), calling('{"a":1,"b":'), { text: 'Three.' });
      const { last } = await run({ tools: [counted] });
      expect(last.steps.map(({ toolCalls }) => toolCalls.map(({ output }) => output))).toEqual([
        [1],
        [null],
        [],
      ]);
      expect([ran, calls.length, last.steps[1]?.toolCalls[0]?.error]).toEqual([1, 3, expect.any(String)]);
    });

  it.each([
    ['in a tag', (json: string) => ['Let me see. <tool', `_call>${json}</tool_call>`]],
    ['in a fence', (json: string) => ['```json\n', json, '\n```']],
    ['bare', (json: string) => [json.slice(0, 9), json.slice(9)]],
  ])(
    '#35 a call that the model wrote as text, %s, is run, and its answer goes back as a call’s',
    async (_, wrap) => {
      const text = wrap('{"name":"add","arguments":{"a":1,"b":2}}');
      fake.script({ text }, { text: 'Three.' });
      const { last } = await run({ tools: [add()] });
      expect(last.steps[0]?.toolCalls).toMatchObject([{ name: 'add', input: { a: 1, b: 2 }, output: 3 }]);
      expect(last.steps[0]?.finishReason).toBe('tool-calls');
      expect(last.steps[0]?.text).not.toContain('arguments');
      expect(calls[1]?.toolResults.join()).toContain('3');
      expect(last.text).toBe('Three.');
    },
  );

  it('#35 such a text is text where there are no tools, where none may be called, and beside a call of the vendor’s own', async () => {
    const text = '<tool_call>{"name":"add","arguments":{"a":1,"b":2}}</tool_call>';
    fake.script({ text }, { text }, { text, ...calling({ a: 2, b: 2 }) }, { text: 'Four.' });
    expect((await run({})).last.text).toBe(text);
    expect((await run({ tools: [add()], toolChoice: 'none' })).last.text).toBe(text);
    const [first] = (await run({ tools: [add()] })).last.steps;
    expect([first?.text, first?.toolCalls.map(({ output }) => output)]).toEqual([text, [4]]);
  });

  it('E: what a tool says when it fails is scrubbed for the vendor too', async () => {
    const broken: LoopTool = { ...add(), execute: () => Promise.reject(new Error(`refused: ${KEY}`)) };
    fake.script(calling({ a: 1, b: 2 }), { text: 'Sorry.' });
    await run({ tools: [broken] });
    expect(fake.requests[1]?.body).toContain('refused: [redacted]');
    expect(fake.requests[1]?.body).not.toContain(KEY);
  });

  it('E: a key that the upstream slips into a tool call reaches neither the tool nor its answer', async () => {
    const seen: unknown[] = [];
    const echo: LoopTool = {
      name: 'echo',
      description: 'Says it again',
      inputSchema: { type: 'object', properties: { say: { type: 'string' } } },
      execute: async ({ input }) => {
        seen.push(input);
        return { said: `${KEY}!` };
      },
    };
    fake.script(calling({ say: `my key is ${KEY}` }, 'echo'), { text: 'Ok.' });
    const { events } = await run({ tools: [echo] });
    expect(seen).toEqual([{ say: 'my key is [redacted]' }]);
    expect(JSON.stringify(events)).not.toContain(KEY);
    expect(fake.requests[1]?.body).toContain('[redacted]!');
  });

  it('ends at a tool of the caller’s own, and names the calls that wait for their output', async () => {
    const own: LoopTool = { ...add('ask_human'), execute: undefined };
    fake.script(calling({ a: 1, b: 2 }, 'ask_human'));
    const { last } = await run({ tools: [own, add()] });
    expect(last).toMatchObject({
      end: 'client_tools',
      pendingToolCalls: [{ name: 'ask_human', input: { a: 1, b: 2 } }],
    });
    fake.script({ text: 'Three, then.' });
    const [pending] = last.pendingToolCalls;
    const { toolCallId, name, input } = pending!;
    const again = await run({
      tools: [own],
      messages: [
        { role: 'user', content: 'How much is it?' },
        { role: 'assistant', content: '', toolCalls: [{ toolCallId, name, input }] },
        { role: 'tool', content: [{ toolCallId, name, output: 'three' }] },
      ],
    });
    expect(calls[0]?.toolResults.join()).toContain('three');
    expect(again.last.text).toBe('Three, then.');
  });

  it('toolChoice forces the first step only; none and auto are passed on', async () => {
    fake.script(calling({ a: 1, b: 2 }), { text: 'Three.' }, { text: 'No.' });
    await run({ tools: [add()], toolChoice: { tool: 'add' } });
    expect(calls.map((call) => call.toolChoice)).toEqual(['required', 'auto']);
    await run({ tools: [add()], toolChoice: 'none' });
    expect(calls[0]?.tools.length === 0 || calls[0]?.toolChoice === 'none').toBe(true);
  });

  it('sends system, temperature and the limit of tokens', async () => {
    fake.script({ text: 'Arr.' });
    await run({ system: 'You are a pirate.', temperature: 0.25, maxOutputTokens: 77 });
    expect(calls[0]).toMatchObject({
      system: 'You are a pirate.',
      maxTokens: 77,
      lastUserText: 'How much is it?',
    });
    expect(fake.requests[0]?.body).toContain('0.25');
  });

  it.each<[NonNullable<AgentLoopOptions['output']>, string, unknown]>([
    [{ type: 'json' }, '{"free":["form"]}', { free: ['form'] }],
    [
      { type: 'json', schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
      '{"n":3}',
      { n: 3 },
    ],
    [{ type: 'score' }, '{"result":0.7}', 0.7],
    [{ type: 'category', categories: ['spam', 'ham'] }, '{"result":"ham"}', 'ham'],
    [{ type: 'boolean' }, '{"result":false}', false],
    [{ type: 'json' }, '```json\n{"fenced":true}\n```', { fenced: true }],
  ])('#35 output %j', async (output, text, value) => {
    fake.script({ text });
    expect((await run({ output })).last.output).toEqual(value);
  });

  it.each<[NonNullable<AgentLoopOptions['output']>, string]>([
    [{ type: 'json' }, 'not json'],
    [{ type: 'score' }, '{"result":7}'],
    [{ type: 'category', categories: ['spam', 'ham'] }, '{"result":"eggs"}'],
    [{ type: 'boolean' }, '{"result":"yes"}'],
  ])('#35 output %j refuses %j and keeps the text', async (output, text) => {
    fake.script({ text });
    await expect(run({ output })).rejects.toMatchObject({ code: 'output_invalid', extras: { text } });
  });

  it('#35 a model that may not know schemas is asked in words, and its answer is checked all the same', async () => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const asked = {
      output: { type: 'json', schema },
      structuredOutput: 'prompted',
      system: 'Count.',
    } as const;
    expect((await run(asked)).last.output).toEqual({ n: 1 });
    expect(calls[0]?.jsonSchema).toBeNull();
    expect(calls[0]?.system).toMatch(/^Count\.\n\nAnswer with JSON only.*"integer"/s);
    fake.script({ text: '{"n":"one"}' });
    await expect(run(asked)).rejects.toMatchObject({ code: 'output_invalid' });
  });

  it('an abort whose reason is an error of ours comes back as that error, from inside a tool too', async () => {
    const cancel = new AbortController();
    const reason = new ClavigerError('no_provider_key', 'the key was unassigned');
    const slow: LoopTool = {
      ...add(),
      execute: ({ signal }) => {
        cancel.abort(reason);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      },
    };
    fake.script(calling({ a: 1, b: 2 }), { text: 'never' });
    await expect(run({ tools: [slow], signal: cancel.signal })).rejects.toBe(reason);
    expect(fake.requests).toHaveLength(1);
  });
});

describe('#9 a second secret', () => {
  it('travels in the header that the key’s config names, and is scrubbed like the first', async () => {
    const endpoint: ModelEndpoint = {
      protocol: 'openai',
      provider: 'gateway',
      baseUrl: fake.baseUrls.openai,
      secret: KEY,
      secondSecret: { header: 'x-team-secret', value: 'second-secret-1234' },
      headers: { 'x-run-id': 'run_1' },
      fetch: guardedFetch({ guard, orgId: ORG }),
    };
    fake.script({ text: 'You sent second-secret-1234.' });
    let text = '';
    for await (const event of runAgentLoop({
      endpoint,
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
    })) {
      if (event.type === 'text.delta') text += event.delta;
    }
    expect(fake.requests[0]?.headers).toMatchObject({
      'x-team-secret': 'second-secret-1234',
      'x-run-id': 'run_1',
      authorization: `Bearer ${KEY}`,
    });
    expect(text).toBe('You sent [redacted].');
  });
});

describe('#35 malformed JSON of a tool call', () => {
  it.each([
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ['Sure: {"a":1,}', '{"a":1}'],
    ['{"a":[1,2,],}', '{"a":[1,2]}'],
    ['{"a":1}', null],
    ['nothing', null],
    ['{"a":', null],
  ])('%j is mended to %j', (text, mended) => {
    expect(mendJson(text)).toBe(mended);
  });
});
