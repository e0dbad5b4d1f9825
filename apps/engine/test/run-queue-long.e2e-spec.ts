import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const ASYNC = { prefer: 'respond-async' };
const LONG = 10_000;
const SLOTS = 3;

/** The first engine accepts only; one tenant's queue may take all but one slot of the second. */
let stage: Stage;
let tenant: Tenant;
let rival: Tenant;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  [tenant, rival] = [await furnished(), await furnished()];
});
afterAll(() => stage?.stop());

async function furnished(): Promise<Tenant> {
  const made = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(made, { provider: 'openai', secret: 'sk-long-0123456789abcd', baseUrl });
  return made;
}

const post = async (to: Tenant, prompt: string) =>
  (await run(stage, to, { model: 'gpt-4.1-mini', prompt }, { headers: ASYNC })).body.id;

/** The run once more, so many times, with what it was asked. */
async function multiply(id: string, times: number): Promise<void> {
  await stage.db.query(
    `WITH more AS (
       INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, retention, status, queued_at)
       SELECT org_id, gen_random_uuid(), workspace_id, node_execution_id || ' ' || n, request_hash, principal_id, retention, status, queued_at
       FROM agent_runs, generate_series(1, $2::int) AS n WHERE id = $1
       RETURNING org_id, id)
     INSERT INTO run_requests (org_id, run_id, principal_kind, principal_hash, request)
     SELECT m.org_id, m.id, q.principal_kind, q.principal_hash, q.request FROM more m, run_requests q WHERE q.run_id = $1`,
    [toUuid(id), times],
  );
}

describe(`#37 a queue of ${LONG} runs`, () => {
  it('of one tenant makes another’s first run wait for less than two of its jobs', async () => {
    stage.upstream.respond(() => ({ text: 'Done.', delayMs: 300 }));
    await multiply(await post(tenant, 'long queue'), LONG - 1);
    const queued = async () =>
      (
        await stage.db.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM agent_runs WHERE org_id = $1 AND status = 'queued'`,
          [toUuid(tenant.orgId)],
        )
      ).rows[0]!.n;
    expect(await queued()).toBe(LONG);
    const taker = await stage.second({ runSlots: SLOTS, runSlotsPerWorkspace: SLOTS });
    const said = () => stage.upstream.requests.map(({ body }) => body.includes('first of mine'));
    await until(() => said().length >= 2 * SLOTS, 20_000);
    const id = await post(rival, 'first of mine');
    const before = said().length;
    const done = await call(stage, rival, 'GET', `/agent-runs/${id}?wait=30`, { url: taker.url });
    expect(done.body).toMatchObject({ status: 'succeeded', text: 'Done.' });
    // One job length is the end of those under way, and by the next the run has begun: no slot had two jobs more of the long queue.
    expect(said().indexOf(true) - before).toBeLessThan(2 * SLOTS);
    expect(await queued()).toBeGreaterThan(LONG - 200);
    await stage.db.query(
      `UPDATE agent_runs SET status = 'cancelled', finished_at = now() WHERE org_id = $1 AND status = 'queued'`,
      [toUuid(tenant.orgId)],
    );
  }, 60_000);
});
