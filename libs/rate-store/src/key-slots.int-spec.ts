import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeySlots, type Slot, type SlotScope } from '#lib/limits';
import { PgPool } from '#lib/persistence';
import { startTestDatabase, type TestDatabase } from '#lib/testing';
import { PgRateStore } from './index.js';

let database: TestDatabase;
let pool: PgPool;
/** The store's clock and the processes' own, in milliseconds. */
let now = 1_000_000;

beforeAll(async () => {
  database = await startTestDatabase();
  pool = new PgPool({ databaseUrl: database.engineUrl, max: 6 });
});
afterAll(async () => {
  await pool.close();
  await database.stop();
});

const engine = () =>
  new KeySlots(new PgRateStore(pool, { clock: () => now }), {
    monotonicMs: () => now,
    sleep: async (ms, signal) => {
      now += ms;
      await sleep(5, undefined, { signal });
    },
  });
const scopeOf = (limit: number): SlotScope => ({
  ...{ id: 'aip_x', name: 'Main', limit },
  bucket: `${randomUUID()}/slots/aip_x`,
});
const AT_ONCE = { maxDelayMs: 0 };
/** The slots that these got, and how many were refused. */
async function taken(asked: Promise<Slot>[]): Promise<{ slots: Slot[]; refused: number }> {
  const came = await Promise.allSettled(asked);
  const slots = came.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return { slots, refused: came.length - slots.length };
}

describe('#44 slots of a key over several engines', () => {
  it('are no more than its limit, however many ask at once; what is given back is there again, once', async () => {
    const engines = [engine(), engine(), engine()];
    const scope = scopeOf(3);
    const { slots, refused } = await taken(
      Array.from({ length: 18 }, (_, at) => engines[at % 3]!.acquire(scope, AT_ONCE)),
    );
    expect([slots.length, refused]).toEqual([3, 15]);
    await expect(engines[0]!.acquire(scope, AT_ONCE)).rejects.toMatchObject({
      code: 'rate_limited',
      extras: { metric: 'concurrency', limit: 3, scopeId: 'aip_x' },
    });
    slots[0]!.release();
    slots[0]!.release();
    await Promise.all(engines.map((one) => one.close()));
    const again = await taken(engines.map((one) => one.acquire(scope, AT_ONCE)));
    expect([again.slots.length, again.refused]).toEqual([1, 2]);
    const other = await engines[1]!.acquire(scopeOf(1), AT_ONCE);
    other.release();
  });

  it('of a process that was killed come back when their lease is over; those of one that lives do not', async () => {
    const [killed, living] = [engine(), engine()];
    const scope = scopeOf(2);
    await Promise.all([killed, living].map((one) => one.acquire(scope, AT_ONCE)));
    for (let seconds = 0; seconds < 28; seconds += 7) {
      now += 7_000;
      await living.tick();
    }
    expect((await taken([living.acquire(scope, AT_ONCE)])).refused).toBe(1);
    now += 4_000;
    await living.tick();
    const came = await taken([living.acquire(scope, AT_ONCE), living.acquire(scope, AT_ONCE)]);
    expect([came.slots.length, came.refused]).toEqual([1, 1]);
  });

  it('are waited for as long as is allowed, and nobody waits for one who gave up', async () => {
    const [one, other] = [engine(), engine()];
    const scope = scopeOf(1);
    const first = await one.acquire(scope, AT_ONCE);
    const delays: number[] = [];
    const waiting = other.acquire(scope, { maxDelayMs: 25_000, onDelay: (ms) => delays.push(ms) });
    const leaving = new AbortController();
    const gone = one.acquire(scope, { maxDelayMs: 25_000, signal: leaving.signal });
    await sleep(30);
    leaving.abort(new Error('left'));
    await expect(gone).rejects.toThrow();
    first.release();
    const second = await waiting;
    expect(delays).toHaveLength(1);
    second.release();
    await other.close();
    (await one.acquire(scope, AT_ONCE)).release();
  });
});
