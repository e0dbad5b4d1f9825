import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { PgPool } from '#lib/persistence';
import { call, run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const ASYNC = { prefer: 'respond-async' };
const RUNS = 50;
const OUTAGES = 3;

let stage: Stage;
let tenant: Tenant;
/** Of the same server, in a database that stays. */
let server: PgPool;

beforeAll(async () => {
  // One tenant may have half of the slots of each.
  stage = await startStage({ runSlots: 8, runSlotsPerWorkspace: 8 });
  await stage.second({ runSlots: 8, runSlotsPerWorkspace: 8 });
  tenant = await stage.tenants.create();
  const baseUrl = stage.upstream.baseUrls.openai;
  await stage.tenants.key(tenant, { provider: 'openai', secret: 'sk-outage-0123456789ab', baseUrl });
  const elsewhere = new URL(stage.database.superuserUrl);
  elsewhere.pathname = '/postgres';
  server = new PgPool({ databaseUrl: elsewhere.toString(), max: 1 });
});
afterAll(async () => {
  await server?.close();
  await stage?.stop();
});

/** As a restart of the server does: every connection is cut, and for so long there is no new one. */
async function outage(ms: number): Promise<number> {
  const name = new URL(stage.database.superuserUrl).pathname.slice(1);
  await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  const { rowCount } = await server.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
    [name],
  );
  await delay(ms);
  await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  return rowCount;
}

async function connections(): Promise<number> {
  const name = new URL(stage.database.superuserUrl).pathname.slice(1);
  return (await server.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1', [name])).rowCount;
}

interface Row {
  id: string;
  status: string;
  code: string | null;
}

async function rows(ids: string[]): Promise<Row[]> {
  const found = await stage.db.query<Row>(
    `SELECT id::text, status, error ->> 'code' AS code FROM agent_runs WHERE id = ANY ($1)`,
    [ids.map(toUuid)],
  );
  return found.rows;
}

const OVER = ['succeeded', 'failed', 'outcome_unknown'];
const sent = (id: string) =>
  stage.upstream.requests.filter(({ headers }) => toUuid(String(headers['x-client-request-id'])) === id)
    .length;

describe('#37 #38 the database is gone for a while, with it the queue', () => {
  it(`${OUTAGES} times under ${RUNS} acknowledged runs: none is lost, none is sent twice, and those that were not sent are run after it`, async () => {
    stage.upstream.respond(() => ({ text: 'Done.', delayMs: 500 }));
    const ids: string[] = [];
    // Whoever is not told that a run is accepted asks again.
    const lane = async (): Promise<void> => {
      while (ids.length < RUNS) {
        const { status, body } = await run(stage, tenant, AGENT, { headers: ASYNC });
        if (status === 202) ids.push(body.id);
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    for (let count = 1; count <= OUTAGES; count += 1) {
      await until(() => stage.upstream.requests.length >= 8 * count, 40_000);
      await until(async () => (await connections()) > 3, 40_000);
      expect(await outage(600)).toBeGreaterThan(1);
    }
    await until(async () => (await rows(ids)).every(({ status }) => OVER.includes(status)), 90_000);
    const ends = await rows(ids);
    expect(ends).toHaveLength(ids.length);
    expect(ends.filter(({ id }) => sent(id) > 1)).toEqual([]);
    // What was under way when its connection was cut may end by name: at most what the two processes had at once, each time.
    const named = ends.filter(({ status }) => status !== 'succeeded');
    expect(named.length).toBeLessThanOrEqual(OUTAGES * 8);
    expect(named.filter(({ status, code }) => status === 'failed' && code === null)).toEqual([]);
    for (const { id } of ends.filter(({ status }) => status === 'succeeded')) expect(sent(id)).toBe(1);
    const again = await call(stage, tenant, 'GET', `/agent-runs/${ids[0]}`);
    expect(again.status).toBe(200);
  }, 180_000);
});
