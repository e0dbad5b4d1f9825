import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { newId, newUuid, toUuid } from '#lib/kernel';
import { LiveRuns } from '../src/agent-runs/live-runs.js';
import type { RunHandle } from '../src/agent-runs/run-handle.js';
import { LostReservations } from '../src/quotas/lost-reservations.js';
import { EventRecorder } from '../src/run-events/event-recorder.js';
import type { Claim } from '../src/run-queue/claim.js';
import { Dispatcher } from '../src/run-queue/dispatcher.js';
import { RunQueueStore } from '../src/run-queue/run-queue.store.js';
import { Quotas } from './support/quotas.js';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.', maxOutputTokens: 50 };

/** Takes no run by itself: claims are made by hand. */
let stage: Stage;
let tenant: Tenant;
let store: RunQueueStore;
let quotas: Quotas;

beforeAll(async () => {
  stage = await startStage({ runSlots: 0 });
  store = stage.app.get(RunQueueStore);
  quotas = new Quotas(stage.db);
});
afterAll(() => stage?.stop());
beforeEach(async () => {
  stage.upstream.reset();
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-back-0123456789abcd', baseUrl });
});

/** Nothing waits for its turn into the next test. */
afterEach(() =>
  stage.db.query(`UPDATE agent_runs SET status = 'cancelled' WHERE status IN ('queued', 'running')`),
);

async function queued(): Promise<string> {
  return (await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } })).body.id;
}

async function claimed(): Promise<Claim> {
  const id = await queued();
  const claim = await store.claim(1);
  expect(claim).toMatchObject({ runId: id, orgId: tenant.orgId, workspaceId: tenant.workspaceId });
  return claim!;
}

interface Row {
  status: string;
  engine_id: string | null;
  fence: number;
  is_marked: boolean;
  code: string | null;
}

async function rowOf(id: string): Promise<Row> {
  const { rows } = await stage.db.query<Row>(
    `SELECT status, engine_id, fence, sent_at IS NOT NULL AS is_marked, error ->> 'code' AS code FROM agent_runs WHERE id = $1`,
    [toUuid(id)],
  );
  return rows[0]!;
}

/** Takes the one request of the minute; who is not let in, as the machine is busy, asks again. */
const useUp = () => until(async () => [200, 429].includes((await run(stage, tenant, AGENT)).status), 20_000);

const sent = (id: string) =>
  stage.upstream.requests.filter(({ headers }) => headers['x-client-request-id'] === id).length;

/** What a run holds that may use so much. */
function reservation(runId: string, quotaId: string) {
  const use = { inputTokens: 100, outputTokens: 50, costMicroUsd: 10 };
  const holder = { keyVersion: 1, provider: 'openai', model: 'gpt-4.1-mini', price: null };
  const hold = { use, claims: [{ quotaId, amount: 150 }] };
  return { runId, aiProviderId: newId('aip'), ...holder, livesMs: 60_000, hold };
}

describe('#38 a claim that is put back', () => {
  it('waits for as long as it was told to, and is claimed anew under the next fence; the old claim can do nothing', async () => {
    const first = await claimed();
    expect(await store.putBack(first, 60_000)).toBe(true);
    expect(await rowOf(first.runId)).toMatchObject({ status: 'queued', engine_id: null, fence: 1 });
    expect(await store.claim(1)).toBeNull();
    await stage.db.query('UPDATE agent_runs SET not_before = now() WHERE id = $1', [toUuid(first.runId)]);
    const second = await store.claim(1);
    expect(second).toEqual({ ...first, fence: 2 });

    expect(await store.putBack(first, 0)).toBe(false);
    expect(await store.mark(first)).toBe(false);
    expect(await store.load(first)).toBeNull();
    expect(await store.reserve(first, null)).toBe(false);
    expect(await rowOf(first.runId)).toMatchObject({ status: 'running', fence: 2, is_marked: false });
    expect(await store.mark(second!)).toBe(true);
  });

  it('is not, once its mark is set: bytes may have left', async () => {
    const claim = await claimed();
    expect(await store.mark(claim)).toBe(true);
    expect(await store.putBack(claim, 0)).toBe(false);
    expect(await rowOf(claim.runId)).toMatchObject({ status: 'running', is_marked: true });
  });

  it('is one run of a quota of runs, however often it was begun', async () => {
    const quotaId = await quotas.add(tenant.orgId, { metric: 'runs', max: 2 });
    const first = await claimed();
    const one = reservation(first.runId, quotaId);
    one.hold = { ...one.hold, claims: [{ quotaId, amount: 1 }] };
    await store.reserve(first, one);
    // Its process died; another one claims it.
    await stage.db.query(`UPDATE agent_runs SET status = 'queued' WHERE id = $1`, [toUuid(first.runId)]);
    const second = await store.claim(1);
    await store.reserve(second!, one);
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 1, settled: 0 });
  });

  it('holds nothing of its budgets while it waits, and nothing is charged for it when it is cancelled', async () => {
    const quotaId = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 1_000 });
    const claim = await claimed();
    expect(await store.reserve(claim, reservation(claim.runId, quotaId))).toBe(true);
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 150, settled: 0 });
    await store.putBack(claim, 60_000);
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 0, settled: 0 });

    await call(stage, tenant, 'POST', `/agent-runs/${claim.runId}/cancel`);
    await stage.app.get(LostReservations).charge(30);
    expect(await rowOf(claim.runId)).toMatchObject({ status: 'cancelled' });
    expect(await quotas.receipts(tenant.orgId)).toMatchObject({ input: 0, output: 0 });
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 0, settled: 0 });
  });

  it.each([
    ['goes back to the queue', false, 'queued'],
    ['was cancelled meanwhile', true, 'cancelled'],
  ])('of a process that died before its mark and %s: nothing is charged', async (_, isCancelled, status) => {
    const quotaId = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 1_000 });
    const claim = await claimed();
    await store.reserve(claim, reservation(claim.runId, quotaId));
    if (isCancelled)
      await store.requestCancel({ ...claim, actor: tenant.tokenId, requestId: newId('req'), ip: null });
    await stage.db.query('UPDATE agent_runs SET engine_id = $2 WHERE id = $1', [
      toUuid(claim.runId),
      newUuid(),
    ]);
    await stage.db.query('SELECT lookup.sweep_lost_runs(30)');
    await stage.app.get(LostReservations).charge(30);
    expect(await rowOf(claim.runId)).toMatchObject({ status });
    expect(await quotas.receipts(tenant.orgId)).toMatchObject({ input: 0, output: 0 });
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 0, settled: 0 });
  });

  it('and taken by a living process meanwhile: its reservation is that one’s, and stays', async () => {
    const quotaId = await quotas.add(tenant.orgId, { metric: 'total_tokens', max: 1_000 });
    const claim = await claimed();
    await store.reserve(claim, reservation(claim.runId, quotaId));
    // As a sweep that looked before the run was claimed anew, and comes to it after.
    await stage.app.get(LostReservations).giveUp(tenant.orgId, claim.runId, 30);
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 150, settled: 0 });
    expect(await quotas.receipts(tenant.orgId)).toMatchObject({ input: 0, output: 0 });
    await store.mark(claim);
    await stage.app.get(LostReservations).giveUp(tenant.orgId, claim.runId, 30);
    expect(await quotas.counter(quotaId)).toEqual({ reserved: 150, settled: 0 });
  });
});

describe('#38 a claim whose answer was lost on its way', () => {
  it('is found by its process and given back; what the process knows of and what was marked stay', async () => {
    const taker = await stage.second({ runSlots: 1, runSlotsPerWorkspace: 3 });
    const theirs = taker.app.get(RunQueueStore);
    const dispatcher = taker.app.get(Dispatcher);
    stage.upstream.respond(({ lastUserText }) =>
      lastUserText === 'Hold.' ? { hang: 'headers' } : undefined,
    );
    // Its only slot is taken by a run that stands before its mark.
    await stage.db.transaction(async (client) => {
      await client.query('LOCK TABLE run_events IN ACCESS EXCLUSIVE MODE');
      const known = await queued();
      await until(async () => (await rowOf(known)).status === 'running');
      const [lost, marked] = [await queued(), await queued()];
      expect((await theirs.claim(3))?.runId).toBe(lost);
      const other = await theirs.claim(3);
      await theirs.mark(other!);
      await dispatcher.findLost(0);
      expect((await Promise.all([known, lost, marked].map(rowOf))).map(({ status }) => status)).toEqual([
        ...['running', 'queued', 'running'],
      ]);
      expect(await rowOf(known)).toMatchObject({ fence: 1 });
      await client.query('COMMIT');
      await until(async () => (await rowOf(lost)).status === 'succeeded');
      expect([sent(known), sent(lost), sent(marked)]).toEqual([1, 1, 0]);
      expect(await rowOf(lost)).toMatchObject({ fence: 2 });
    });
    await taker.app.close();
  }, 20_000);
});

describe('#38 what passes by itself', () => {
  it('puts a run back until it may begin; after an hour it ends by that name', async () => {
    await stage.db.query(`UPDATE provider_keys SET limits = '{"rpm": 1}' WHERE org_id = $1`, [
      toUuid(tenant.orgId),
    ]);
    await useUp();
    const [early, late] = [await queued(), await queued()];
    await stage.db.query(`UPDATE agent_runs SET queued_at = now() - interval '61 minutes' WHERE id = $1`, [
      toUuid(late),
    ]);
    const taker = await stage.second({ runSlots: 2 });
    await until(async () => (await rowOf(late)).status === 'failed', 20_000);
    expect(await rowOf(late)).toMatchObject({ code: 'rate_limited', is_marked: false });
    await until(async () => (await rowOf(early)).fence === 1 && (await rowOf(early)).status === 'queued');
    await stage.db.query('UPDATE provider_keys SET limits = NULL WHERE org_id = $1', [toUuid(tenant.orgId)]);
    // What the engine remembers of the limit may be two seconds old, and put it back once more.
    await until(async () => {
      await stage.db.query('UPDATE agent_runs SET not_before = now() WHERE id = $1', [toUuid(early)]);
      return (await rowOf(early)).status === 'succeeded';
    }, 20_000);
    expect([sent(early), sent(late)]).toEqual([1, 0]);
    await taker.app.close();
  }, 60_000);
});

describe('#38 a database that is away as a run is put back', () => {
  it('is asked again: the run goes back, and nothing of it stays in the process', async () => {
    await stage.db.query(`UPDATE provider_keys SET limits = '{"rpm": 1}' WHERE org_id = $1`, [
      toUuid(tenant.orgId),
    ]);
    await useUp();
    const taker = await stage.second({ runSlots: 1 });
    const theirs = jest
      .spyOn(taker.app.get(RunQueueStore), 'putBack')
      .mockRejectedValueOnce(new Error('the connection was cut'));
    const id = await queued();
    await until(async () => (await rowOf(id)).fence === 1 && (await rowOf(id)).status === 'queued');
    expect(theirs.mock.calls.length).toBeGreaterThan(1);
    await until(() => taker.app.get(LiveRuns).size === 0);
    await taker.app.close();
  }, 30_000);
});

describe('#48 the recorder of events', () => {
  it('writes nothing from the moment on that a policy keeps less than all', async () => {
    const id = await queued();
    const { rows } = await stage.db.query<{ fence: number }>('SELECT fence FROM agent_runs WHERE id = $1', [
      toUuid(id),
    ]);
    let level: 'full' | 'metadata' = 'full';
    const facts = { orgId: tenant.orgId, fence: rows[0]!.fence, retention: () => level };
    const handle: RunHandle = stage.app.get(LiveRuns).open(id, facts);
    stage.app.get(EventRecorder).record(handle);
    const kept = async () =>
      (
        await stage.db.query<{ events: string }>('SELECT events FROM run_events WHERE run_id = $1', [
          toUuid(id),
        ])
      ).rows;
    handle.emit('text.delta', { step: 1, delta: 'before the policy' });
    await until(async () => (await kept()).length === 1);
    level = 'metadata';
    handle.emit('text.delta', { step: 1, delta: 'after the policy' });
    handle.pass();
    await stage.app.get(EventRecorder).beforeApplicationShutdown();
    expect((await kept()).map(({ events }) => events).join()).toContain('before the policy');
    expect((await kept()).map(({ events }) => events).join()).not.toContain('after the policy');
  });
});
