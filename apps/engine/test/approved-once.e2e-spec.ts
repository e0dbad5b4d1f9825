import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import type { PgClient } from '#lib/persistence';
import { RunSweeper } from '../src/agent-runs/run-sweeper.js';
import type { RequiredAction } from '#lib/contracts';
import { startEngineProcess } from './support/engine-process.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

/** Takes no run: it accepts them, and sweeps when told to. */
let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  tenant = await stage.tenants.create();
  await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-once-0123456789abcd',
    baseUrl: stage.upstream.baseUrls.openai,
  });
  stage.upstream.respond(({ toolResults }) =>
    toolResults.length > 0 ? { text: 'Done.' } : { toolCalls: [{ name: 'pay', input: {} }] },
  );
});
afterAll(() => stage?.stop());

async function statusOf(id: string): Promise<string> {
  const { rows } = await stage.db.query<{ status: string }>('SELECT status FROM agent_runs WHERE id = $1', [
    toUuid(id),
  ]);
  return rows[0]!.status;
}

/** Starts a run, and approves the call of its tool at `path` before any engine takes it up again. */
async function approved(path: string) {
  const tool = {
    ...{ type: 'http', name: 'pay', description: 'Pays.', method: 'POST', url: `${stage.tools.url}${path}` },
    ...{ inputSchema: { type: 'object', properties: {} }, needsApproval: true },
  };
  const { body } = await run(stage, tenant, { model: 'gpt-4.1-mini', prompt: path, tools: [tool] });
  const [approval] = (body.requiredAction as RequiredAction).approvals;
  const approve = (headers: Record<string, string> = {}) =>
    call(stage, tenant, 'POST', `/agent-runs/${body.id}/approvals/${approval!.id}`, {
      ...{ body: { approve: true }, headers },
    });
  expect((await approve({ prefer: 'respond-async' })).status).toBe(202);
  return { id: body.id, approve };
}

const callsTo = (path: string) => stage.tools.calls.filter(({ url }) => url === path).length;

describe('#37 #38 kill -9 of the engine that has a run with an approved call', () => {
  it('before its mark: another engine makes the call; in the call: outcome_unknown; never is it made twice', async () => {
    const before = await approved('/before');
    await stage.db.transaction(async (client: PgClient) => {
      // A claim reads what is kept of its run before it goes on.
      await client.query('LOCK TABLE run_events IN ACCESS EXCLUSIVE MODE');
      const first = await startEngineProcess(stage);
      await until(async () => (await statusOf(before.id)) === 'running');
      await first.kill();
    });
    await stage.app.get(RunSweeper).sweep(0);
    expect([await statusOf(before.id), callsTo('/before')]).toEqual(['queued', 0]);

    const inside = await approved('/slow');
    const second = await startEngineProcess(stage);
    await until(async () => (await statusOf(before.id)) === 'succeeded' && callsTo('/slow') === 1);
    await second.kill();
    await stage.app.get(RunSweeper).sweep(0);
    expect(await statusOf(inside.id)).toBe('outcome_unknown');

    const third = await stage.second({ runSlots: 5 });
    const after = await approved('/after');
    await until(async () => (await statusOf(after.id)) === 'succeeded');
    expect((await inside.approve()).body.code).toBe('outcome_unknown');
    expect(['/before', '/slow', '/after'].map(callsTo)).toEqual([1, 1, 1]);
    await third.app.close();
  }, 60_000);
});
