import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { toUuid } from '#lib/kernel';
import { Dispatcher } from '../src/run-queue/dispatcher.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const HELD = { model: 'gpt-4.1-mini', prompt: 'Hold.', timeoutMs: 3_600_000 };
const ASYNC = { headers: { prefer: 'respond-async' } };

/** The first engine accepts only; each test has one that takes runs, once they wait. */
let stage: Stage;
let greedy: Tenant[];
let taker: Awaited<ReturnType<Stage['second']>> | undefined;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  stage.upstream.respond(({ lastUserText }) =>
    lastUserText === 'Hold.' ? { hang: 'headers' } : { text: 'Done.' },
  );
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  const { tenant, keyId } = await furnished();
  const second = { ...tenant, workspaceId: await stage.tenants.workspace(tenant.orgId) };
  await stage.tenants.assign(second, keyId);
  greedy = [tenant, second];
});
afterEach(async () => {
  const { rows } = await stage.db.query<{ id: string }>(
    `UPDATE agent_runs SET cancel_requested_at = now(), status = CASE status WHEN 'queued' THEN 'cancelled' ELSE status END
     WHERE status IN ('queued', 'running') RETURNING id`,
  );
  const ids = rows.map(({ id }) => id);
  await until(async () => (await counts('id = ANY ($1)', ids)).running === undefined);
  await taker?.app.close();
});

async function furnished(): Promise<{ tenant: Tenant; keyId: string }> {
  const tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  const secret = 'sk-turns-0123456789abc';
  return { tenant, keyId: await stage.tenants.key(tenant, { provider: 'openai', secret, baseUrl }) };
}

/** How many runs there are in which status. */
async function counts(where: string, value: string | string[]): Promise<Record<string, number>> {
  const { rows } = await stage.db.query<{ status: string; n: number }>(
    `SELECT status, count(*)::int AS n FROM agent_runs WHERE ${where} GROUP BY status`,
    [value],
  );
  return Object.fromEntries(rows.map(({ status, n }) => [status, n]));
}
const ofOrg = ({ orgId }: Tenant) => counts('org_id = $1', toUuid(orgId));
const ofWorkspace = ({ workspaceId }: Tenant) => counts('workspace_id = $1', toUuid(workspaceId));

async function hold(of: Tenant, many: number): Promise<void> {
  const posts = await Promise.all(Array.from({ length: many }, () => run(stage, of, HELD, ASYNC)));
  expect(posts.map(({ status }) => status)).toEqual(posts.map(() => 202));
}

/** Posts a short run into the queue, and answers how it ended. */
async function first(of: Tenant): Promise<unknown> {
  const { body } = await run(stage, of, { model: 'gpt-4.1-mini', prompt: 'Hi.' }, ASYNC);
  return (await call(stage, of, 'GET', `/agent-runs/${body.id}?wait=15`)).body.status;
}

const begins = (slots: number, perWorkspace: number) =>
  stage.second({ runSlots: slots, runSlotsPerWorkspace: perWorkspace }).then((made) => (taker = made));
const running = () => taker!.app.get(Dispatcher).running;

describe('#37 shares of a process’s slots for queued runs', () => {
  it('two workspaces of one organization with hanging runs hold half of them: another’s first run begins at once, and a third’s', async () => {
    const [rival, third] = [(await furnished()).tenant, (await furnished()).tenant];
    await Promise.all(greedy.map((workspace) => hold(workspace, 2)));
    await begins(4, 2);
    await until(() => running() >= 2);
    expect(await first(rival)).toBe('succeeded');
    expect(await ofOrg(rival)).toEqual({ succeeded: 1 });
    expect(await ofOrg(greedy[0]!)).toEqual({ running: 2, queued: 2 });

    // Who holds what it may leaves a part to those who come next.
    await hold(rival, 3);
    await until(async () => (await ofOrg(rival)).running === 1);
    expect(await first(third)).toBe('succeeded');
    expect(await ofOrg(rival)).toEqual({ succeeded: 1, running: 1, queued: 2 });
  });

  it('a workspace leaves some of what its organization may hold to another workspace of it', async () => {
    const [one, other] = [greedy[0]!, greedy[1]!];
    await hold(one, 8);
    await begins(10, 10);
    await until(() => running() === 4);
    expect(await first(other)).toBe('succeeded');
    expect(await ofWorkspace(one)).toEqual({ running: 4, queued: 4 });
  });

  it('what waits for a share begins when a run of it ends', async () => {
    const one = greedy[0]!;
    await hold(one, 3);
    await begins(2, 2);
    await until(() => running() === 1);
    for (const left of [2, 1]) {
      const [held] = (
        await stage.db.query<{ id: string }>(
          `UPDATE agent_runs SET cancel_requested_at = now() WHERE org_id = $1 AND status = 'running' RETURNING id`,
          [toUuid(one.orgId)],
        )
      ).rows;
      await until(async () => (await counts('id = $1', held!.id)).running === undefined);
      await until(async () => (await ofOrg(one)).running === 1);
      expect((await ofOrg(one)).queued ?? 0).toBe(left - 1);
    }
  });
});
