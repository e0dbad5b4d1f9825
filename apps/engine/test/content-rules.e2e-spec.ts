import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { addPolicy, blocksOf, violationsOf } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { WIRES } from './support/wires.js';

const MAIL = 'jane.roe@corp.example.com';
const CARD = '4111 1111 1111 1111';
const MODEL = 'gpt-4.1-mini';
const pii = (action: string, on = 'both', kinds = ['email', 'credit_card']) => ({
  type: 'pii',
  ...{ kinds, on, action },
});

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

const key = (provider: string, wire: 'openai' | 'anthropic' | 'gemini') =>
  stage.tenants.key(tenant, {
    provider,
    secret: `sk-${provider}-content-0123456789`,
    baseUrl: stage.upstream.baseUrls[wire],
  });
const tool = (path = '/x', description = 'A tool.') => ({
  type: 'http',
  name: 'look',
  description,
  inputSchema: { type: 'object', properties: { who: { type: 'string' } } },
  method: 'POST',
  url: stage.tools.url + path,
});
const sent = () => JSON.stringify(stage.upstream.requests.map(({ body }) => body));
const storedRun = async (id: string) => {
  const { rows } = await stage.db.query('SELECT * FROM agent_runs WHERE id = $1', [toUuid(id)]);
  return JSON.stringify(rows[0]);
};
const stream = async (agent: object) => {
  const response = await send(stage, tenant, 'POST', '/agent-runs', {
    body: { nodeExecutionId: `n-${Math.random()}`, agent },
    headers: { accept: 'text/event-stream' },
  });
  return allFrames(response);
};

describe('#46 #48 block', () => {
  beforeEach(() => key('openai', 'openai'));

  it.each<[string, () => object]>([
    ['prompt', () => ({ prompt: `Write to ${MAIL}.` })],
    ['system', () => ({ prompt: 'Hi.', system: `You are ${MAIL}.` })],
    [
      'messages',
      () => ({
        messages: [
          { role: 'user', content: MAIL },
          { role: 'assistant', content: '?' },
          { role: 'user', content: 'Hi.' },
        ],
      }),
    ],
    ['description of a tool', () => ({ prompt: 'Hi.', tools: [tool('/x', `Ask ${MAIL}`)] })],
    [
      'schema of a tool',
      () => ({ prompt: 'Hi.', tools: [{ ...tool(), inputSchema: { type: 'object', description: MAIL } }] }),
    ],
    ['categories', () => ({ prompt: 'Hi.', output: { type: 'category', categories: ['a', MAIL] } })],
  ])(
    'HIGH, in the %s: refused, a violation, an audit row, and nothing goes upstream',
    async (_where, agent) => {
      const id = await addPolicy(stage, tenant, [pii('block')]);
      const { status, body } = await run(stage, tenant, { model: MODEL, ...agent() });
      expect([status, stage.upstream.requests.length]).toEqual([422, 0]);
      expect(body).toMatchObject({
        code: 'policy_violation',
        policy: { id },
        rule: { index: 0, type: 'pii' },
        detail: expect.stringContaining('the call sends 1 × email'),
      });
      const violations = await violationsOf(stage, tenant, 1);
      expect(violations).toEqual([
        expect.objectContaining({
          action: 'blocked',
          rule_type: 'pii',
          run_id: null,
          detail: 'The call sends 1 × email.',
        }),
      ]);
      expect(await blocksOf(stage, tenant)).toEqual([{ target: id }]);
      expect(JSON.stringify([body, violations])).not.toContain('jane.roe');
    },
  );

  it.each([
    ['LOW', 'logged'],
    ['MEDIUM', 'alerted'],
  ])('%s: found, recorded, and the call goes on as it is', async (severity, action) => {
    await addPolicy(stage, tenant, [pii('block', 'input')], { severity });
    const { status, body } = await run(stage, tenant, { model: MODEL, prompt: `Write to ${MAIL}.` });
    expect(status).toBe(200);
    expect(sent()).toContain(MAIL);
    expect(await violationsOf(stage, tenant, 1)).toEqual([
      expect.objectContaining({ action, run_id: toUuid(body.id), detail: 'The call sends 1 × email.' }),
    ]);
    expect(await blocksOf(stage, tenant)).toEqual([]);
  });

  it('HIGH with detect refuses nothing and is told', async () => {
    await addPolicy(stage, tenant, [pii('detect', 'input')]);
    expect((await run(stage, tenant, { model: MODEL, prompt: `${MAIL} ${CARD} ${MAIL}` })).status).toBe(200);
    expect(await violationsOf(stage, tenant, 1)).toEqual([
      expect.objectContaining({ action: 'alerted', detail: 'The call sends 2 × email, 1 × credit_card.' }),
    ]);
  });

  it('what one policy redacts, another still sees', async () => {
    await addPolicy(stage, tenant, [pii('redact', 'input')], { severity: 'LOW' });
    await addPolicy(stage, tenant, [pii('block', 'input')], { workspaceId: tenant.workspaceId });
    const { status, body } = await run(stage, tenant, { model: MODEL, prompt: MAIL });
    expect([status, body.code, stage.upstream.requests.length]).toEqual([422, 'policy_violation', 0]);
  });

  it('of an answer: the stream ends before the place, with the problem, and the rest is kept', async () => {
    const id = await addPolicy(stage, tenant, [pii('block', 'output')]);
    stage.upstream.script({ text: ['Ask for help at jane.', 'roe@corp.exam', 'ple.com, or else.'] });
    const frames = await stream({ model: MODEL, prompt: 'Who?' });
    const told = frames.filter(({ event }) => event === 'text.delta').map(({ data }) => data['delta']);
    expect(told.join('')).toBe('Ask for help at ');
    const last = frames.at(-1)!;
    expect([last.event, last.data['code']]).toEqual(['run.failed', 'policy_violation']);
    const runId = String(last.data['runId']);
    const stored = await storedRun(runId);
    expect(stored).toContain('Ask for help at ');
    expect(stored + JSON.stringify(frames)).not.toMatch(/roe@corp|or else/);
    expect(await violationsOf(stage, tenant, 1)).toEqual([
      expect.objectContaining({
        action: 'blocked',
        run_id: toUuid(runId),
        detail: 'The call is answered with 1 × email.',
      }),
    ]);
    expect(await blocksOf(stage, tenant)).toEqual([{ target: id }]);
  });
});

describe.each(WIRES)('#48 redact over $wire', ({ provider, wire, model }) => {
  beforeEach(() => key(provider, wire));

  it('the redacted text goes upstream, and every place of the answer has the redacted text, however it is cut', async () => {
    await addPolicy(stage, tenant, [pii('redact')], { severity: 'LOW' });
    const answer = `Mail ${MAIL} and pay ${CARD} today.`;
    const safe = 'Mail [EMAIL] and pay [CREDIT_CARD] today.';
    for (const size of [1, 3, 7, 19]) {
      const pieces = Array.from({ length: Math.ceil(answer.length / size) }, (_, at) =>
        answer.slice(at * size, (at + 1) * size),
      );
      stage.upstream.script({ text: pieces, cutFrames: true });
      const frames = await stream({ model, system: `For ${MAIL}.`, prompt: `Who is ${MAIL}?` });
      const deltas = frames.filter(({ event }) => event === 'text.delta').map(({ data }) => data['delta']);
      expect(deltas.join('')).toBe(safe);
      const { data, event } = frames.at(-1)!;
      expect([event, data['text'], data['output']]).toEqual(['run.finished', safe, safe]);
      expect(JSON.stringify(frames)).not.toMatch(/jane|4111/);
      const stored = await storedRun(String(data['id']));
      expect(stored).toContain(safe);
      expect(stored).not.toMatch(/jane|4111/);
    }
    expect(sent()).not.toMatch(/jane|4111/);
    expect(sent()).toContain('Who is [EMAIL]?');
    const details = (await violationsOf(stage, tenant, 8)).map(({ detail }) => detail);
    expect(new Set(details)).toEqual(
      new Set([
        'The call sends 2 × email, which was redacted.',
        'The call is answered with 1 × email, 1 × credit_card, which was redacted.',
      ]),
    );
  });

  it('tools: what the model hands to them, what they answer, and what it reads again', async () => {
    await addPolicy(stage, tenant, [
      pii('redact'),
      { type: 'pattern', pattern: '"?temperature"?', on: 'input', action: 'redact' },
    ]);
    stage.upstream.script(
      { text: `I ask ${MAIL}. `, toolCalls: [{ name: 'look', input: { who: MAIL } }] },
      { text: 'Done.' },
    );
    const { status, body } = await run(stage, tenant, { model, prompt: 'Look.', tools: [tool()] });
    expect(status).toBe(200);
    expect(stage.tools.calls.map(({ body: given }) => given)).toEqual(['{"who":"[EMAIL]"}']);
    const call = body.steps[0]!.toolCalls[0]!;
    expect(call.input).toEqual({ who: '[EMAIL]' });
    expect(JSON.stringify(call.output)).toBe('{"[REDACTED]":21}');
    expect(stage.upstream.requests).toHaveLength(2);
    expect(sent()).not.toMatch(/jane|temperature/);
    expect(sent()).toContain('[REDACTED]');
  });
});

describe('#48 structured answers', () => {
  beforeEach(() => key('openai', 'openai'));
  const schema = { type: 'object', properties: { mail: { type: 'string' } }, required: ['mail'] };
  const agent = { model: MODEL, prompt: 'Who?', output: { type: 'json', schema } };

  it('what JSON hides in escapes is redacted in its text as well, and nothing of it streams before', async () => {
    await addPolicy(stage, tenant, [pii('redact', 'output')]);
    stage.upstream.script({ text: ['{"mail":"jane.roe\\u0040cor', 'p.example.com"}'] });
    const frames = await stream(agent);
    const { data } = frames.at(-1)!;
    expect(data).toMatchObject({ output: { mail: '[EMAIL]' }, text: '{"mail":"[EMAIL]"}' });
    expect(JSON.stringify(frames)).not.toContain('jane');
  });

  it('an answer of no use is quoted redacted', async () => {
    await addPolicy(stage, tenant, [pii('redact', 'output')]);
    stage.upstream.script({ text: `Sorry, ask ${MAIL}.` });
    const { status, body } = await run(stage, tenant, agent);
    expect([status, body.code]).toEqual([422, 'output_invalid']);
    expect(body).toMatchObject({ text: 'Sorry, ask [EMAIL].' });
    expect(await storedRun(body.runId ?? '')).not.toContain('jane');
  });
});

describe('#48 tools that a policy blocks', () => {
  beforeEach(() => key('openai', 'openai'));

  it('a tool is not called with what may not leave, and the run ends', async () => {
    await addPolicy(stage, tenant, [pii('block', 'output')]);
    stage.upstream.script({ toolCalls: [{ name: 'look', input: { who: MAIL } }] });
    const { status, body } = await run(stage, tenant, { model: MODEL, prompt: 'Look.', tools: [tool()] });
    expect([status, body.code, stage.tools.calls.length]).toEqual([422, 'policy_violation', 0]);
    expect(await storedRun(body.runId ?? '')).not.toContain('jane');
  });

  it('a tool’s answer that may not go to the model does not', async () => {
    await addPolicy(stage, tenant, [
      { type: 'pattern', pattern: 'temperature', on: 'input', action: 'block' },
    ]);
    stage.upstream.script({ toolCalls: [{ name: 'look', input: {} }] }, { text: 'Must not be asked.' });
    const { status, body } = await run(stage, tenant, { model: MODEL, prompt: 'Look.', tools: [tool()] });
    expect([status, body.code, stage.upstream.requests.length]).toEqual([422, 'policy_violation', 1]);
    expect(await violationsOf(stage, tenant, 1)).toEqual([
      expect.objectContaining({ detail: 'The call sends 1 × what its pattern finds.', action: 'blocked' }),
    ]);
  });
});

describe('#46 a policy that comes in', () => {
  beforeEach(() => key('openai', 'openai'));

  it('holds in both engines for every call that starts 2 s later, though nobody tells them', async () => {
    const second = await stage.second();
    const agent = { model: MODEL, prompt: `Write to ${MAIL}.` };
    const both = () =>
      Promise.all([run(stage, tenant, agent), run(stage, tenant, agent, { url: second.url })]);
    expect((await both()).map(({ status }) => status)).toEqual([200, 200]);
    await addPolicy(stage, tenant, [pii('block', 'input')]);
    const madeMs = performance.now();
    const late: number[] = [];
    while (performance.now() < madeMs + 4_000) {
      const isLate = performance.now() >= madeMs + 2_000;
      const before = stage.upstream.requests.length;
      const answers = await both();
      if (isLate) late.push(...answers.map(({ status }) => status), stage.upstream.requests.length - before);
      await delay(100);
    }
    expect(late.length).toBeGreaterThan(5);
    expect(new Set(late)).toEqual(new Set([422, 0]));
    await second.app.close();
  });

  it('ends a run that began without it before its next step, and one that only looks does not', async () => {
    const agent = { model: MODEL, prompt: 'Look.', tools: [tool('/wait')] };
    const script = [{ toolCalls: [{ name: 'look', input: {} }] }, { text: 'Done.' }];
    const meanwhile = async (rule: object) => {
      stage.upstream.script(...script);
      const calls = stage.tools.calls.length;
      const answer = run(stage, tenant, agent);
      while (stage.tools.calls.length === calls) await delay(10);
      await addPolicy(stage, tenant, [rule]);
      return answer;
    };
    expect((await meanwhile(pii('detect'))).status).toBe(200);
    const before = stage.upstream.requests.length;
    const { status, body } = await meanwhile(pii('redact'));
    expect([status, body.code, stage.upstream.requests.length - before]).toEqual([
      422,
      'policy_violation',
      1,
    ]);
    expect(body.detail).toContain('began before this rule was there');
    expect(await blocksOf(stage, tenant)).toHaveLength(1);
  });
});
