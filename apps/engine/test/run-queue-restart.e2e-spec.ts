import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { toUuid } from '#lib/kernel';
import { startLastingServer, type LastingServer } from '#lib/testing';
import { run, startStage, type Stage } from './support/stage.js';
import type { Tenant } from './support/tenants.js';
import { until } from './support/until.js';

const AGENT = { model: 'gpt-4.1-mini', prompt: 'Hi.' };
const RUNS = 120;
/** So many runs has each of the two engines under way: one tenant's share of twice as many slots, less what its other workspaces are left. */
const SLOTS = 4;
const CRASHES = ['SIGQUIT', 'SIGKILL'] as const;
const OVER = ['succeeded', 'failed', 'outcome_unknown'];
const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
if (redisUrl === null)
  console.warn('rates on Redis while it restarts: not run, since TEST_REDIS_URL is not set');

let server: LastingServer;
let stage: Stage;
let tenant: Tenant;

beforeAll(async () => {
  server = await startLastingServer();
  // It accepts runs and takes none.
  stage = await startStage({ runSlots: 0, redisUrl, database: server.database });
  tenant = await stage.tenants.create();
  const keyId = await stage.tenants.key(tenant, {
    provider: 'openai',
    secret: 'sk-restart-0123456789ab',
    baseUrl: stage.upstream.baseUrls.openai,
  });
  // So that every run asks the store of rates as well, which is in Postgres, or in Redis.
  await stage.db.query('UPDATE provider_keys SET limits = $1 WHERE id = $2', [
    { rpm: 10_000, concurrency: 4 * SLOTS },
    toUuid(keyId),
  ]);
}, 60_000);
afterAll(() => stage?.stop());

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

/** Answers nothing while the database is away. */
const over = async (ids: string[]): Promise<number> =>
  (await rows(ids).catch(() => [])).filter(({ status }) => OVER.includes(status)).length;
const sent = (id: string) =>
  stage.upstream.requests.filter(({ headers }) => toUuid(String(headers['x-client-request-id'])) === id)
    .length;

/** All that it counted is gone; where it may not be restarted (`enable-debug-command`), all connections to it are cut. */
async function restartRedis(url: string): Promise<void> {
  // What was cut off is not asked again: it would be restarted again and again.
  const redis = new Redis(url, { autoResendUnfulfilledCommands: false, retryStrategy: () => null });
  redis.on('error', () => undefined);
  await redis.flushall();
  await redis
    .call('DEBUG', 'RESTART')
    .catch(() => redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
    .catch(() => undefined);
  redis.disconnect();
}

async function acceptAll(): Promise<string[]> {
  const ids: string[] = [];
  const lane = async (): Promise<void> => {
    while (ids.length < RUNS) {
      const { status, body } = await run(stage, tenant, AGENT, { headers: { prefer: 'respond-async' } });
      if (status === 202) ids.push(body.id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return ids;
}

describe('#37 #38 the server of the database, and so of the queue, is killed and started again', () => {
  it(`${CRASHES.length} times under 100 acknowledged runs: none is lost, none is sent twice, and those that were not sent are run after it`, async () => {
    let delayMs = 1_000;
    stage.upstream.respond(() => ({ text: 'Done.', delayMs }));
    const ids = await acceptAll();
    for (let engine = 0; engine < 2; engine += 1)
      await stage.second({ runSlots: 2 * SLOTS, runSlotsPerWorkspace: 2 * SLOTS });
    await until(() => stage.upstream.requests.length >= SLOTS, 40_000);
    expect(ids.length - (await over(ids))).toBeGreaterThanOrEqual(100);
    for (const signal of CRASHES) {
      // Amid runs of both engines: what has been sent is not answered yet.
      const before = stage.upstream.requests.length;
      await until(() => stage.upstream.requests.length > before, 40_000);
      await server.crash(signal);
      if (redisUrl !== null) await restartRedis(redisUrl);
      await server.start();
      delayMs = 300;
      const done = await over(ids);
      await until(async () => (await over(ids)) >= done + SLOTS, 60_000);
    }
    delayMs = 0;
    await until(async () => (await over(ids)) === ids.length, 120_000);
    const ends = await rows(ids);
    expect(ends.filter(({ id }) => sent(id) > 1)).toEqual([]);
    // What was under way when the server went may end by name: at most what both engines had at once, each time.
    const named = ends.filter(({ status }) => status !== 'succeeded');
    expect(named.length).toBeLessThanOrEqual(CRASHES.length * 2 * SLOTS);
    expect(named.filter(({ code }) => code === null)).toEqual([]);
    for (const { id } of ends.filter(({ status }) => status === 'succeeded')) expect(sent(id)).toBe(1);
  }, 240_000);
});
