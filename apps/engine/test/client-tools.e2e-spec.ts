import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { PauseExpiry } from '../src/run-pauses/pause-expiry.js';
import { addPolicy } from './support/policies.js';
import { Quotas } from './support/quotas.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const ASK = {
  type: 'client',
  name: 'ask_person',
  description: 'Asks the person in front of the screen.',
  inputSchema: { type: 'object', properties: { question: { type: 'string' } }, required: ['question'] },
};
const AGENT = { model: 'gpt-4.1-mini', prompt: 'May I?', tools: [ASK] };
const INPUT = { question: 'May I?' };

interface Waiting {
  requiredAction: {
    type: string;
    toolCalls: { toolCallId: string; name: string; input: unknown }[];
    expiresAt: string;
  };
}

let stage: Stage;
let tenant: Tenant;
let second: string;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  second = (await stage.second({ runSlots: 10 })).url;
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-client-0123456789ab',
    baseUrl: stage.upstream.baseUrls.openai,
  });
});

function script(): void {
  stage.upstream.script(
    {
      text: 'One moment. ',
      toolCalls: [{ name: 'ask_person', input: INPUT }],
      usage: { input: 10, output: 5 },
    },
    { text: 'You may.', usage: { input: 20, output: 7 } },
  );
}

/** Posts the agent and answers the paused run with the id of the call that it waits for. */
async function paused() {
  const { status, body } = await run(stage, tenant, AGENT);
  const action = body.requiredAction as Waiting['requiredAction'];
  return { status, body, action, toolCallId: action.toolCalls[0]!.toolCallId };
}

const bring = (id: string, outputs: object[], headers = {}) =>
  call(stage, tenant, 'POST', `/agent-runs/${id}/tool-outputs`, { body: { outputs }, headers });

describe('#37 a tool of the caller’s', () => {
  it('#33 takes nothing where its schema is {}: the vendor is told the schema of an object', async () => {
    stage.upstream.script({ text: 'Hello.' });
    const bare = { type: 'client', name: 'now', description: 'The time.', inputSchema: {} };
    const { status } = await run(stage, tenant, { ...AGENT, tools: [bare] });
    expect(status).toBe(200);
    expect(stage.upstream.requests[0]?.body).toContain('"parameters":{"type":"object","properties":{}}');
  });

  it('#45 makes no second run of a paused one: it goes on where a quota of runs is used up by it', async () => {
    script();
    const quotas = new Quotas(stage.db);
    const quotaId = await quotas.add(tenant.orgId, { metric: 'runs', max: 1 });
    const { body, toolCallId } = await paused();
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 0, settled: 1 });
    const done = await bring(body.id, [{ toolCallId, output: { said: 'yes' } }]);
    expect(done.body).toMatchObject({ status: 'succeeded', text: 'You may.' });
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 0, settled: 1 });
  });

  it('pauses the run, and its output lets another process go on; usage is that of all parts', async () => {
    script();
    const { status, body, action, toolCallId } = await paused();
    expect([status, body.status]).toEqual([200, 'requires_action']);
    expect(action).toMatchObject({ type: 'tool_outputs', toolCalls: [{ name: 'ask_person', input: INPUT }] });
    expect(body.usage).toMatchObject({ inputTokens: 10, outputTokens: 5 });

    const done = await bring(body.id, [{ toolCallId, output: { said: 'yes' } }]);
    expect(done).toMatchObject({
      status: 200,
      body: {
        status: 'succeeded',
        text: 'You may.',
        usage: { inputTokens: 30, outputTokens: 12, totalTokens: 42 },
        steps: [
          { step: 1, toolCalls: [{ toolCallId, output: { said: 'yes' } }] },
          { step: 2, text: 'You may.' },
        ],
      },
    });
    expect(done.body.served?.attempts).toHaveLength(2);
    const asked = JSON.parse(String(stage.upstream.requests[1]?.body)) as { messages: object[] };
    expect(asked.messages.at(-1)).toMatchObject({ role: 'tool', content: '{"said":"yes"}' });
    const { rows } = await stage.db.query('SELECT 1 FROM run_requests WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rows).toEqual([]);
    await until(async () => {
      const used = await stage.db.query('SELECT 1 FROM usage_records WHERE org_id = $1', [
        toUuid(tenant.orgId),
      ]);
      return used.rowCount === 2;
    });

    // Brought again, the same output joins the run; another one is refused.
    expect((await bring(body.id, [{ toolCallId, output: { said: 'yes' } }])).body).toEqual(done.body);
    expect((await bring(body.id, [{ toolCallId, output: 'no' }])).body.code).toBe('conflict');
    expect(stage.upstream.requests).toHaveLength(2);
  });

  it('as a stream: run.requires_action is its last event, and the events go on from there', async () => {
    script();
    const first = await allFrames(
      await send(stage, tenant, 'POST', '/agent-runs', {
        body: { nodeExecutionId: 'streamed', agent: AGENT },
        headers: { accept: 'text/event-stream' },
      }),
    );
    const waits = first.at(-1)!;
    expect(waits.event).toBe('run.requires_action');
    const id = String(waits.data['id']);
    const requiredAction = waits.data['requiredAction'] as Waiting['requiredAction'];
    const rest = await allFrames(
      await send(stage, tenant, 'POST', `/agent-runs/${id}/tool-outputs`, {
        body: { outputs: [{ toolCallId: requiredAction.toolCalls[0]!.toolCallId, output: 'yes' }] },
        headers: { accept: 'text/event-stream', 'last-event-id': waits.id },
      }),
    );
    expect(rest.map(({ event }) => event)).toEqual([
      ...['tool.result', 'step.started', 'text.delta', 'step.finished', 'run.finished'],
    ]);
    expect(rest.map(({ data }) => data['step']).slice(0, 4)).toEqual([1, 2, 2, 2]);
    const all = [...first, ...rest];
    expect(all.map((frame) => frame.id)).toEqual(all.map((_, index) => String(index + 1)));
    const again = await send(stage, tenant, 'GET', `/agent-runs/${id}/events`, { url: second });
    expect(await allFrames(again)).toEqual(all);
  });

  it('asynchronously, and wrong outputs are refused by name while it waits', async () => {
    script();
    const { body } = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
    const waits = (await call(stage, tenant, 'GET', `/agent-runs/${body.id}?wait=10`)).body;
    const { toolCallId } = (waits.requiredAction as Waiting['requiredAction']).toolCalls[0]!;
    const wrong = await bring(body.id, [{ toolCallId: 'other', output: 1 }]);
    expect([wrong.body.code, wrong.body.errors?.map(({ pointer }) => pointer)]).toEqual([
      'validation_failed',
      ['/outputs/0/toolCallId', '/outputs'],
    ]);
    const accepted = await bring(body.id, [{ toolCallId, output: 'yes' }], { prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    expect((await call(stage, tenant, 'GET', `/agent-runs/${body.id}?wait=10`)).body.text).toBe('You may.');
  });

  it('nobody brings anything: the run ends by name, and what was kept of it goes', async () => {
    script();
    const { body } = await paused();
    await stage.db.query(`UPDATE agent_runs SET waits_until = now() WHERE id = $1`, [toUuid(body.id)]);
    await stage.app.get(PauseExpiry).look();
    const ended = (await call(stage, tenant, 'GET', `/agent-runs/${body.id}`)).body;
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'pause_expired' } });
    const { rowCount } = await stage.db.query('SELECT 1 FROM run_requests WHERE run_id = $1', [
      toUuid(body.id),
    ]);
    expect(rowCount).toBe(0);
  });

  it('a paused run can be cancelled', async () => {
    script();
    const { body, toolCallId } = await paused();
    const cancelled = await call(stage, tenant, 'POST', `/agent-runs/${body.id}/cancel`);
    expect(cancelled.body.status).toBe('cancelled');
    expect((await bring(body.id, [{ toolCallId, output: 'yes' }])).body.code).toBe('conflict');
  });
});

describe('#48 where a policy keeps less than all of a run', () => {
  it.each(['metadata', 'none'])(
    'a tool of the caller’s is refused by name (%s), and no row is made',
    async (content) => {
      await addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW' });
      for (const prefer of ['respond-async', 'wait']) {
        const { status, body } = await run(stage, tenant, AGENT, { headers: { prefer } });
        expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([
          ...[422, 'validation_failed', '/agent/tools/0/type'],
        ]);
      }
      expect(stage.upstream.requests).toEqual([]);
      const { rowCount } = await stage.db.query('SELECT 1 FROM agent_runs WHERE org_id = $1', [
        toUuid(tenant.orgId),
      ]);
      expect(rowCount).toBe(0);
    },
  );
});
