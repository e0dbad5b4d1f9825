import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { newUuid, toUuid } from '#lib/kernel';
import type { PgClient } from '#lib/persistence';
import { RunSweeper } from '../src/agent-runs/run-sweeper.js';
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
});
afterAll(() => stage?.stop());

async function post(prompt: string): Promise<string> {
  const agent = { model: 'gpt-4.1-mini', prompt };
  const { body } = await run(stage, tenant, agent, { headers: { prefer: 'respond-async' } });
  return body.id;
}

async function statusOf(id: string): Promise<string> {
  const { rows } = await stage.db.query<{ status: string }>('SELECT status FROM agent_runs WHERE id = $1', [
    toUuid(id),
  ]);
  return rows[0]!.status;
}

const sent = (id: string) =>
  stage.upstream.requests.filter(({ headers }) => headers['x-client-request-id'] === id).length;
const isMarked = async (id: string) =>
  (await stage.db.query('SELECT 1 FROM agent_runs WHERE id = $1 AND sent_at IS NOT NULL', [toUuid(id)]))
    .rowCount === 1;
const sweep = (app: INestApplication, silentSeconds: number) => app.get(RunSweeper).sweep(silentSeconds);

/** Does `work` while a lock is held, and says how to let go of it before the end. */
function holding<T>(
  sql: string,
  values: unknown[],
  work: (letGo: () => Promise<void>) => Promise<T>,
): Promise<T> {
  return stage.db.transaction(async (client: PgClient) => {
    await client.query(sql, values);
    return work(async () => void (await client.query('COMMIT')));
  });
}

const lockRun = (id: string): [string, unknown[]] => [
  'SELECT 1 FROM agent_runs WHERE id = $1 FOR NO KEY UPDATE',
  [toUuid(id)],
];
/** A claim reads what is kept of its run before it goes on. */
const LOCK_READING = 'LOCK TABLE run_events IN ACCESS EXCLUSIVE MODE';

describe('#38 kill -9 of the engine that has a queued run', () => {
  it('before its mark: another engine runs it; after it: outcome_unknown; never is anything sent twice', async () => {
    stage.upstream.respond(({ lastUserText }) => {
      if (lastUserText === 'held before the answer') return { hang: 'headers' };
      if (lastUserText === 'held in the answer') return { text: ['A beginning', ' of it'], hang: 'body' };
      return { text: 'Done.', delayMs: lastUserText === 'held at its end' ? 600 : 0 };
    });

    // The first engine dies with a run claimed of which it has not even read what was asked.
    const claimed = await post('held after the claim');
    await holding(LOCK_READING, [], async () => {
      const first = await startEngineProcess(stage);
      await until(async () => (await statusOf(claimed)) === 'running');
      await first.kill();
    });
    expect([await statusOf(claimed), await isMarked(claimed), sent(claimed)]).toEqual(['running', false, 0]);

    const [marking, before, inside, ending] = await Promise.all(
      ['held at the mark', 'held before the answer', 'held in the answer', 'held at its end'].map(post),
    );
    const all = [claimed, marking!, before!, inside!, ending!];
    await sweep(stage.app, 0);
    expect(await statusOf(claimed)).toBe('queued');

    // The second one dies with the five of them at five points.
    const second = await holding(LOCK_READING, [], async (letGo) => {
      const engine = await startEngineProcess(stage);
      await until(async () => (await statusOf(marking!)) === 'running');
      await holding(...lockRun(marking!), async () => {
        await letGo();
        await until(async () => (await statusOf(claimed)) === 'succeeded');
        await until(() => [before!, inside!, ending!].every((id) => sent(id) === 1));
        await holding(...lockRun(ending!), async () => {
          await until(() => waitingForLocks(2));
          await engine.kill();
        });
      });
      return engine;
    });
    expect(second.url).toBeTruthy();
    expect(await Promise.all(all.map(isMarked))).toEqual([true, false, true, true, true]);

    await sweep(stage.app, 0);
    expect(await Promise.all(all.map(statusOf))).toEqual([
      ...['succeeded', 'queued', 'outcome_unknown', 'outcome_unknown', 'outcome_unknown'],
    ]);
    const third = await stage.second({ runSlots: 5 });
    const answer = await call(stage, tenant, 'GET', `/agent-runs/${marking}?wait=10`, { url: third.url });
    expect(answer.body).toMatchObject({ status: 'succeeded', text: 'Done.' });
    expect(all.map(sent)).toEqual([1, 1, 1, 1, 1]);
    const { rowCount } = await stage.db.query('SELECT 1 FROM run_requests WHERE org_id = $1', [
      toUuid(tenant.orgId),
    ]);
    expect(rowCount).toBe(0);
    stage.upstream.respond(() => undefined);
    await third.app.close();
  }, 40_000);
});

/** Whether so many of the engines' transactions stand at locks of runs. */
async function waitingForLocks(many: number): Promise<boolean> {
  const { rows } = await stage.db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'agent_runs (SET|WHERE)'`,
  );
  return rows[0]!.n === many;
}

/** Claims the run for a process that is not there, once the one that has it is about to set its mark. */
function takeOver(id: string): Promise<void> {
  return stage.db.transaction(async (client) => {
    await client.query(...lockRun(id));
    await until(() => waitingForLocks(1));
    await client.query('UPDATE agent_runs SET fence = fence + 1, engine_id = $2 WHERE id = $1', [
      toUuid(id),
      newUuid(),
    ]);
  });
}

describe('#38 a claim that is not the newest', () => {
  it('sends nothing and writes no end; the run is run once, by the newer one', async () => {
    const id = await post('taken over');
    const taker = await holding(LOCK_READING, [], async (letGo) => {
      const engine = await stage.second({ runSlots: 1 });
      await until(async () => (await statusOf(id)) === 'running');
      // The run is held as its quota is reserved; whoever takes it over stands in line before its mark.
      let takenOver = Promise.resolve();
      await stage.db.transaction(async (client) => {
        await client.query(...lockRun(id));
        await letGo();
        await until(() => waitingForLocks(1));
        takenOver = takeOver(id);
        await until(() => waitingForLocks(2));
      });
      await takenOver;
      return engine;
    });
    await until(async () => !(await waitingForLocks(1)));
    await delay(300);
    expect([await statusOf(id), await isMarked(id), sent(id)]).toEqual(['running', false, 0]);
    await sweep(stage.app, 20);
    await until(async () => (await statusOf(id)) === 'succeeded');
    expect(sent(id)).toBe(1);
    await taker.app.close();
  });
});
