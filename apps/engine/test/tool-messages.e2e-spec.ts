import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { addPolicy } from './support/policies.js';
import { run, startStage, type Stage } from './support/stage.js';
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
  tenant = await stage.tenants.create();
});

const CALLED = [
  { toolCallId: 'call_1', name: 'weather', input: { city: 'Rome' } },
  { toolCallId: 'call_2', name: 'weather', input: { city: 'Oslo' } },
];
const output = (id: string, said: unknown, name = 'weather') => ({ toolCallId: id, name, output: said });
const tool = (...content: object[]) => ({ role: 'tool', content });
const assistant = (toolCalls: object[] = CALLED) => ({
  role: 'assistant',
  content: 'Let me see.',
  toolCalls,
});
const user = (content = 'Where is it warmer?') => ({ role: 'user', content });
const WEATHER = {
  ...{ type: 'client', name: 'weather', description: 'The weather.' },
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
};

/** What the upstream was told, in the order in which the model reads it. */
const TOLD: Record<string, (body: Record<string, never>) => unknown> = {
  openai: ({ messages }) => messages,
  anthropic: ({ messages }) => messages,
  gemini: ({ contents }) => contents,
};
const EXPECTED: Record<string, unknown> = {
  openai: [
    expect.objectContaining({ role: 'user' }),
    expect.objectContaining({
      role: 'assistant',
      tool_calls: CALLED.map(({ toolCallId, name, input }) =>
        expect.objectContaining({ id: toolCallId, function: { name, arguments: JSON.stringify(input) } }),
      ),
    }),
    { role: 'tool', tool_call_id: 'call_1', content: '{"degrees":21}' },
    { role: 'tool', tool_call_id: 'call_2', content: 'cold' },
  ],
  anthropic: [
    expect.objectContaining({ role: 'user' }),
    expect.objectContaining({
      role: 'assistant',
      content: [
        expect.objectContaining({ type: 'text' }),
        ...CALLED.map(({ toolCallId, name, input }) =>
          expect.objectContaining({ type: 'tool_use', id: toolCallId, name, input }),
        ),
      ],
    }),
    {
      role: 'user',
      content: [
        expect.objectContaining({ type: 'tool_result', tool_use_id: 'call_1', content: '{"degrees":21}' }),
        expect.objectContaining({ type: 'tool_result', tool_use_id: 'call_2', content: 'cold' }),
      ],
    },
  ],
  gemini: [
    expect.objectContaining({ role: 'user' }),
    {
      role: 'model',
      parts: [
        expect.objectContaining({ text: 'Let me see.' }),
        ...CALLED.map(({ name, input }) =>
          expect.objectContaining({ functionCall: expect.objectContaining({ name, args: input }) }),
        ),
      ],
    },
    {
      role: 'user',
      parts: ['{"degrees":21}', 'cold'].map((content) =>
        expect.objectContaining({
          functionResponse: expect.objectContaining({
            name: 'weather',
            response: expect.objectContaining({ content }),
          }),
        }),
      ),
    },
  ],
};

describe.each(WIRES)('#33 messages of role tool over $wire', ({ provider, wire, model }) => {
  it('reach the model as what its tools gave, in one message or in several', async () => {
    await stage.tenants.key(tenant, {
      ...{ provider, secret: `sk-${provider}-messages-0123456789` },
      baseUrl: stage.upstream.baseUrls[wire],
    });
    const [warm, cold] = [output('call_1', { degrees: 21 }), output('call_2', 'cold')];
    for (const outputs of [[tool(warm, cold)], [tool(warm), tool(cold)]]) {
      stage.upstream.reset();
      stage.upstream.script({ text: 'In Rome.' });
      const messages = [user(), assistant(), ...outputs];
      const { status, body } = await run(stage, tenant, { model, messages, tools: [WEATHER] });
      expect([status, body.text]).toEqual([200, 'In Rome.']);
      const sent = JSON.parse(stage.upstream.requests[0]?.body ?? '{}') as Record<string, never>;
      expect(TOLD[wire]?.(sent)).toEqual(EXPECTED[wire]);
    }
  });
});

describe('#33 a conversation with tools', () => {
  it.each<[string, object[], string]>([
    [
      'an output without its call',
      [user(), tool(output('call_1', 1))],
      '/agent/messages/1/content/0/toolCallId',
    ],
    [
      'an output given twice',
      [user(), assistant(), tool(output('call_1', 1), output('call_2', 1), output('call_1', 1))],
      '/agent/messages/2/content/2/toolCallId',
    ],
    [
      'an output under another name',
      [user(), assistant([CALLED[0]!]), tool(output('call_1', 1, 'other'))],
      '/agent/messages/2/content/0/name',
    ],
    [
      'a call without an output',
      [user(), assistant(), tool(output('call_1', 1))],
      '/agent/messages/1/toolCalls',
    ],
    ['a call answered too late', [user(), assistant(), user('And?')], '/agent/messages/1/toolCalls'],
    [
      'two calls of one id',
      [user(), assistant([CALLED[0]!, CALLED[0]!]), tool(output('call_1', 1))],
      '/agent/messages/1/toolCalls/1/toolCallId',
    ],
    ['calls at the end', [user(), assistant()], '/agent/messages/1/role'],
    [
      'no output',
      [user(), assistant([CALLED[0]!]), tool(output('call_1', null))],
      '/agent/messages/2/content/0/output',
    ],
    ['text for outputs', [user(), { role: 'tool', content: 'cold' }], '/agent/messages/1/content'],
    ['calls of a user', [{ ...user(), toolCalls: CALLED }], '/agent/messages/0/toolCalls'],
    ['an unknown role', [{ role: 'system', content: 'x' }], '/agent/messages/0/role'],
    [
      'an input that is no object',
      [user(), assistant([{ ...CALLED[0], input: 'x' }])],
      '/agent/messages/1/toolCalls/0/input',
    ],
  ])('with %s is refused by name, before anything is sent', async (_, messages, pointer) => {
    const { status, body } = await run(stage, tenant, { model: 'gpt-4.1-mini', messages });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors?.map((fault) => fault.pointer)).toContain(pointer);
    expect(stage.upstream.requests).toEqual([]);
  });

  it('#48 is read by the rules of policies like anything else that is said', async () => {
    await stage.tenants.key(tenant, {
      ...{ provider: 'openai', secret: 'sk-openai-messages-0123456789' },
      baseUrl: stage.upstream.baseUrls.openai,
    });
    await addPolicy(stage, tenant, [{ type: 'pii', kinds: ['email'], action: 'redact', on: 'input' }]);
    stage.upstream.script({ text: 'Done.' });
    const calls = [{ ...CALLED[0], input: { city: 'eva@example.org' } }];
    const messages = [user(), assistant(calls), tool(output('call_1', { seen: ['eva@example.org'] }))];
    const { status } = await run(stage, tenant, { model: 'gpt-4.1-mini', messages, tools: [WEATHER] });
    expect([status, stage.upstream.requests.length]).toEqual([200, 1]);
    expect(stage.upstream.requests[0]?.body).not.toContain('eva@example.org');
    const { rowCount } = await stage.db.query('SELECT 1 FROM run_requests WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rowCount).toBe(0);
  });
});
