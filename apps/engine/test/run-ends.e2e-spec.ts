import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RequiredAction } from '#lib/contracts';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { AgentRunsStore } from '../src/agent-runs/agent-runs.store.js';
import { LiveRuns } from '../src/agent-runs/live-runs.js';
import { RunSweeper } from '../src/agent-runs/run-sweeper.js';
import { CallExecution } from '../src/pipeline/execute.js';
import { RunEventsStore } from '../src/run-events/run-events.store.js';
import { PauseExpiry } from '../src/run-pauses/pause-expiry.js';
import { search } from './support/canaries.js';
import { addPolicy } from './support/policies.js';
import { allFrames } from './support/sse.js';
import { call, run, send, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

/** What was asked, told, given to a tool and brought from one. */
const [PROMPT, TOLD] = ['canary-asked-5b0e', 'canary-told-21c7'];
const [INPUT, OUTPUT] = ['canary-input-88d2', 'canary-output-e19f'];
const CANARIES = [PROMPT, TOLD, INPUT, OUTPUT];
const ASK = {
  ...{ type: 'client', name: 'ask_person', description: 'Asks.' },
  inputSchema: { type: 'object', properties: { question: { type: 'string' } } },
};

let stage: Stage;
let second: Awaited<ReturnType<Stage['second']>>;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  // Takes up what was answered.
  second = await stage.second({ runSlots: 10 });
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  jest.restoreAllMocks();
  stage.upstream.reset();
  stage.upstream.respond(({ toolResults }) =>
    toolResults.length > 0
      ? { text: `${TOLD} at last` }
      : { text: TOLD, toolCalls: [{ name: 'ask_person', input: { question: INPUT } }] },
  );
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-ends-0123456789abcd', baseUrl });
});

const act = (id: string, path: string, body?: object) =>
  call(stage, tenant, 'POST', `/agent-runs/${id}/${path}`, { body });
const get = async (id: string, wait = 10) =>
  (await call(stage, tenant, 'GET', `/agent-runs/${id}?wait=${wait}`)).body;
const keep = (content: string) =>
  addPolicy(stage, tenant, [{ type: 'retention', content }], { severity: 'LOW', tokenId: tenant.tokenId });

/** A streamed run that waits for its caller, with what it said on record. */
async function paused(tool: object = ASK): Promise<{ id: string; action: RequiredAction }> {
  const agent = { model: 'gpt-4.1-mini', prompt: PROMPT, system: PROMPT, tools: [tool] };
  const body = { nodeExecutionId: newId('req'), agent };
  const headers = { accept: 'text/event-stream' };
  const frames = await allFrames(await send(stage, tenant, 'POST', '/agent-runs', { body, headers }));
  const last = frames.at(-1)!;
  expect(last.event).toBe('run.requires_action');
  const id = String(last.data['id']);
  const said = 'SELECT max(last_id) AS last FROM run_events WHERE run_id = $1';
  await until(async () => {
    const { rows } = await stage.db.query<{ last: number | null }>(said, [toUuid(id)]);
    return rows[0]!.last === Number(last.id);
  });
  return { id, action: last.data['requiredAction'] as RequiredAction };
}

const bring = ({ id, action }: { id: string; action: RequiredAction }) =>
  act(id, 'tool-outputs', {
    outputs: [{ toolCallId: action.toolCalls[0]!.toolCallId, output: { said: OUTPUT } }],
  });

async function lose(id: string): Promise<void> {
  await stage.db.query(
    `UPDATE agent_runs SET status = 'running', engine_id = $2, claimed_at = now(), sent_at = now(), waits_until = NULL WHERE id = $1`,
    [toUuid(id), newUuid()],
  );
  await stage.db.query('SELECT lookup.sweep_lost_runs(30)');
}

async function expire(id: string): Promise<void> {
  await stage.db.query(`UPDATE agent_runs SET waits_until = now() WHERE id = $1`, [toUuid(id)]);
  await stage.app.get(PauseExpiry).look();
}

describe('#48 a run that paused where all of it may be kept, and a policy that came in since', () => {
  it.each([
    ['cancelled', async (id: string) => void (await act(id, 'cancel'))],
    ['failed', expire],
    ['outcome_unknown', lose],
  ])('none: nothing of it is left when it ends as %s while no process has it', async (status, end) => {
    const { id } = await paused();
    expect((await search(stage, CANARIES)).found).toEqual(
      expect.arrayContaining([
        'public.agent_runs.result',
        'public.run_events.events',
        'public.run_requests.request',
      ]),
    );
    await keep('none');
    await end(id);
    expect(await get(id)).toMatchObject({ status, text: '', steps: [], retention: 'none' });
    expect((await search(stage, CANARIES)).found).toEqual([]);
  });

  it('none: nor when it goes on and comes to its end', async () => {
    const waits = await paused();
    await keep('none');
    expect((await bring(waits)).body.status).toBe('succeeded');
    expect(await get(waits.id)).toMatchObject({ status: 'succeeded', text: '', retention: 'none' });
    expect((await search(stage, CANARIES)).found).toEqual([]);
  });

  it('none: nor when a call of it is rejected', async () => {
    const { id, action } = await paused({ ...ASK, needsApproval: true });
    await keep('none');
    const said = { approve: false, reason: OUTPUT };
    expect((await act(id, `approvals/${action.approvals[0]!.id}`, said)).body.status).toBe('succeeded');
    expect((await search(stage, CANARIES)).found).toEqual([]);
  });

  it('none: nor when it is refused as it would go on', async () => {
    const waits = await paused();
    await keep('none');
    await stage.db.query('DELETE FROM assignments WHERE org_id = $1', [toUuid(tenant.orgId)]);
    await bring(waits);
    expect(await get(waits.id)).toMatchObject({ status: 'failed', error: { code: 'no_provider_key' } });
    expect((await search(stage, CANARIES)).found).toEqual([]);
  });

  it('metadata: its steps and its use stay, without a word of what was said', async () => {
    const { id } = await paused();
    await keep('metadata');
    await act(id, 'cancel');
    const ended = await get(id);
    expect(ended).toMatchObject({ status: 'cancelled', retention: 'metadata' });
    expect(ended.steps).toMatchObject([{ toolCalls: [{ name: 'ask_person', input: null }] }]);
    expect(ended.usage.totalTokens).toBeGreaterThan(0);
    expect((await search(stage, CANARIES)).found).toEqual([]);
  });

  it('none, of another token: all of it stays', async () => {
    const { id } = await paused();
    const { tokenId } = await stage.tenants.token(tenant.orgId, tenant.owner);
    await addPolicy(stage, tenant, [{ type: 'retention', content: 'none' }], { tokenId });
    await act(id, 'cancel');
    expect(await get(id)).toMatchObject({ status: 'cancelled', text: TOLD });
  });
});

/** Whether so many transactions stand at the lock of a run. */
async function waiting(many: number): Promise<boolean> {
  const { rows } = await stage.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'UPDATE agent_runs SET'`,
  );
  return rows[0]!.n === many;
}

/** Starts a run and answers it with its id once its model was asked. */
async function asked(tools: object[], more: object = {}) {
  const answer = run(stage, tenant, { model: 'gpt-4.1-mini', prompt: PROMPT, tools, ...more });
  await until(() => stage.upstream.requests.length === 1);
  const { rows } = await stage.db.query<{ id: string }>('SELECT id FROM agent_runs WHERE org_id = $1', [
    toUuid(tenant.orgId),
  ]);
  return { id: rows[0]!.id, answer };
}

describe('#37 a cancel that meets a pause', () => {
  it('is not lost: where it comes first, the run ends cancelled instead of waiting', async () => {
    const toolCalls = [{ name: 'ask_person', input: { question: INPUT } }];
    stage.upstream.respond(() => ({ text: TOLD, toolCalls, delayMs: 1_500 }));
    const { id, answer } = await asked([ASK]);
    await stage.db.transaction(async (client) => {
      await client.query('SELECT 1 FROM agent_runs WHERE id = $1 FOR NO KEY UPDATE', [id]);
      await until(() => waiting(1));
      await client.query('UPDATE agent_runs SET cancel_requested_at = clock_timestamp() WHERE id = $1', [id]);
    });
    const { body } = await answer;
    expect(body.code).toBe('run_cancelled');
    expect(await get(String(body.runId))).toMatchObject({ status: 'cancelled', text: TOLD });
    const { rowCount } = await stage.db.query('SELECT 1 FROM run_requests WHERE run_id = $1', [id]);
    expect(rowCount).toBe(0);
  });

  it('#9 is on record once, with who asked for it', async () => {
    const { id } = await paused();
    await act(id, 'cancel');
    await act(id, 'cancel');
    const { rows } = await stage.db.query(
      `SELECT actor, target, change FROM audit_events WHERE org_id = $1 AND action = 'agentRuns:CancelAgentRun'`,
      [toUuid(tenant.orgId)],
    );
    const change = { workspaceId: tenant.workspaceId, status: 'requires_action' };
    expect(rows).toEqual([{ actor: tenant.tokenId, target: id, change }]);
  });
});

describe('#38 a run that was given up as its process was silent', () => {
  it.each([
    ['its end', []],
    ['its pause', [ASK]],
  ])(
    'stays outcome_unknown when the process comes back with %s, and whoever listens hears so',
    async (_, tools) => {
      stage.upstream.respond(() => ({
        ...{ text: TOLD, delayMs: 400 },
        toolCalls: tools.map(({ name }) => ({ name, input: { question: INPUT } })),
      }));
      const { answer } = await asked(tools);
      await stage.app.get(RunSweeper).sweep(-10);
      const { body } = await answer;
      expect(body.code).toBe('outcome_unknown');
      expect(await get(String(body.runId))).toMatchObject({ status: 'outcome_unknown', text: '' });
    },
  );

  it('is not, by a process that was silent itself: the others have a lease to be heard of', async () => {
    const sweeper = stage.app.get(RunSweeper);
    const { id } = await paused();
    const silent = newUuid();
    await stage.db.query(`INSERT INTO engine_processes VALUES ($1, now(), now() - interval '60 s')`, [
      silent,
    ]);
    await stage.db.query(`UPDATE engine_processes SET heartbeat_at = now() - interval '60 s'`);
    await sweeper.beat();
    await stage.db.query(
      `UPDATE agent_runs SET status = 'running', engine_id = $2, sent_at = now() WHERE id = $1`,
      [toUuid(id), silent],
    );
    for (let beats = 0; beats < 3; beats += 1) await sweeper.beat();
    expect((await get(id, 0)).status).toBe('running');
    await sweeper.sweep();
    expect((await get(id, 0)).status).toBe('outcome_unknown');
  });
});

describe('#38 what breaks in the engine itself', () => {
  it.each([
    ['a run of this process', {}],
    ['a queued run', { prefer: 'respond-async' }],
  ])('ends %s by the name of internal, and no run is under way for ever', async (_, headers) => {
    for (const app of [stage.app, second.app])
      jest.spyOn(app.get(CallExecution), 'execute').mockRejectedValueOnce(new Error('broken'));
    const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: PROMPT }, { headers });
    const ended = await get(body.runId ?? body.id);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'internal', detail: '' } });
    await until(() => [stage.app, second.app].every((app) => app.get(LiveRuns).size === 0));
  });

  it('an end that the database does not take is written when it is back, however late', async () => {
    const finish = jest.spyOn(stage.app.get(AgentRunsStore), 'finish');
    for (let times = 0; times < 5; times += 1)
      finish.mockRejectedValueOnce(new Error('the database is away'));
    const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: PROMPT });
    expect((await get(body.id, 0)).status).toBe('running');
    await until(async () => (await get(body.id, 0)).status === 'succeeded', 20_000);
    expect(finish).toHaveBeenCalledTimes(6);
  });

  it('a call that does not stop when its time is over is given up half a minute later', async () => {
    const timeoutMs = 12_345;
    const { setTimeout: real } = globalThis;
    jest
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((fn: () => void, ms?: number) => real(fn, ms === timeoutMs + 30_000 ? 0 : ms));
    jest.spyOn(stage.app.get(CallExecution), 'execute').mockReturnValueOnce(new Promise(() => undefined));
    const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: PROMPT, timeoutMs });
    expect(body.code).toBe('outcome_unknown');
    expect(await get(String(body.runId))).toMatchObject({ status: 'outcome_unknown' });
  });
});

describe('#34 whoever follows a run', () => {
  it('is written down at most once in two seconds', async () => {
    const { id } = await paused();
    const heard = async (since: string): Promise<boolean> => {
      await stage.db.query(
        `UPDATE agent_runs SET status = 'running', listened_at = date_trunc('day', now()) + $2::interval WHERE id = $1`,
        [toUuid(id), since],
      );
      await stage.app.get(RunEventsStore).since(tenant.orgId, tenant.workspaceId, id, 0, true);
      const { rowCount } = await stage.db.query(
        `SELECT 1 FROM agent_runs WHERE id = $1 AND listened_at <> date_trunc('day', now()) + $2::interval`,
        [toUuid(id), since],
      );
      return rowCount === 1;
    };
    expect([await heard('2 days'), await heard('-1 hour')]).toEqual([false, true]);
    await lose(id);
  });
});

describe('#55 a run of a workflow engine', () => {
  it('may not have the name of a call of the compatible endpoints: it would be told of to nobody', async () => {
    const agent = { model: 'gpt-4.1-mini', prompt: PROMPT };
    const { status, body } = await run(stage, tenant, agent, { node: 'compatible run_7' });
    expect([status, body.errors?.map(({ pointer }) => pointer)]).toEqual([422, ['/nodeExecutionId']]);
  });
});
