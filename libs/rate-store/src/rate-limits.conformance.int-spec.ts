import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RateFull, RateLimiter, rateScope, statedSlack, type Permit, type RateStore } from '#lib/limits';
import { PgPool } from '#lib/persistence';
import { busiestWindow, SimulatedTime, startTestDatabase, type TestDatabase } from '#lib/testing';
import { randomUUID } from 'node:crypto';
import { PgRateStore, RedisRateStore } from './index.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
const kinds = redisUrl === null ? (['postgres'] as const) : (['postgres', 'redis'] as const);
if (redisUrl === null) console.warn('rate limits on Redis: not run, since TEST_REDIS_URL is not set');

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 21, 23, 55);
const ONE = { rpm: 1, rpd: 1, tpm: 0 };

describe.each(kinds)('rate limits on %s', (kind) => {
  let database: TestDatabase;
  let pool: PgPool;
  const opened: RateStore[] = [];

  beforeAll(async () => {
    database = await startTestDatabase();
    pool = new PgPool({ databaseUrl: database.engineUrl, max: 3 });
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    await pool.close();
    await database.stop();
  });

  const storeOn = (clock?: () => number): RateStore => {
    const trouble = (error: Error): never => {
      throw error;
    };
    const store =
      kind === 'redis' && redisUrl !== null
        ? new RedisRateStore(redisUrl, `test-${randomUUID()}`, trouble, clock)
        : new PgRateStore(pool, { clock });
    opened.push(store);
    return store;
  };

  it('compares and sets: of two writers of one version one wins', async () => {
    const store = storeOn();
    const name = `${randomUUID()}/key/a`;
    expect((await store.read([name])).buckets).toEqual([{ text: null, version: 0 }]);
    const firsts = await Promise.all([store.write(name, 'a', 0), store.write(name, 'b', 0)]);
    expect(firsts.filter(Boolean)).toHaveLength(1);
    const seconds = await Promise.all([store.write(name, 'c', 1), store.write(name, 'd', 1)]);
    expect(seconds.filter(Boolean)).toHaveLength(1);
    const { buckets, nowMs } = await store.read([name, `${name}x`]);
    expect(buckets).toEqual([
      { text: expect.stringMatching(/^[cd]$/), version: 2 },
      { text: null, version: 0 },
    ]);
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(60_000);
  });

  it('#44 RPM 60 over three pipelines, ten minutes, one restart, an hour’s jump: never over, no room lost', async () => {
    const limits = { rpm: 60 };
    const slack = statedSlack(limits, ONE, 3).rpm;
    expect(slack).toBe(3);
    const sim = simulate(storeOn, limits);
    for (let pipeline = 0; pipeline < 3; pipeline += 1) sim.start(pipeline);
    await sim.time.advanceTo(3 * MINUTE_MS + 7_000);
    await sim.kill(1);
    await sim.time.advanceTo(3 * MINUTE_MS + 11_000);
    sim.start(1);
    await sim.time.advanceTo(6 * MINUTE_MS + 20_000);
    sim.jump(3_600_000);
    await sim.time.advanceTo(8 * MINUTE_MS + 30_000);
    sim.jump(-3_600_000);
    await sim.time.advanceTo(10 * MINUTE_MS);
    await sim.end();

    expect(busiestWindow(sim.sends, MINUTE_MS)).toBeLessThanOrEqual(60 + slack);
    // Callers always waited, so all ten minutes' room was wanted: what is missing is a slot's length per window and the killed lease.
    expect(sim.sends.length).toBeGreaterThanOrEqual(10 * 60 - slack - Math.ceil((600 / 60) * 0.5));
    for (const refusal of sim.refusals)
      expect(sentWithin(sim.sends, refusal - MINUTE_MS - 500, refusal)).toBeGreaterThanOrEqual(60 - slack);
  }, 240_000);
});

/** Three pipelines, each with callers that always want to send; the store's clock can be moved beside the true time. */
function simulate(storeOn: (clock: () => number) => RateStore, limits: { rpm: number }) {
  const time = new SimulatedTime();
  let offsetMs = START_MS;
  const sends: { atMs: number; units: number }[] = [];
  const refusals: number[] = [];
  const scopes = rateScope(randomUUID(), 'key', 'aip_test', 'test', limits);
  const store = storeOn(() => offsetMs + time.monotonicMs());
  const watched: RateStore = {
    read: (names) => time.during(store.read(names)),
    write: (...what) => time.during(store.write(...what)),
    sweep: () => store.sweep(),
    close: async () => undefined,
  };
  const alive = new Map<number, { limiter: RateLimiter; end: AbortController }>();

  const caller = async (limiter: RateLimiter, signal: AbortSignal, pauseMs: number): Promise<void> => {
    while (!signal.aborted) {
      const permit = await limiter
        .acquire(scopes, { tokens: 0, maxDelayMs: 10_000, signal })
        .catch((error: unknown): Permit | null => {
          if (!(error instanceof RateFull) && !signal.aborted) throw error;
          return null;
        });
      if (permit && !signal.aborted) sends.push({ atMs: time.monotonicMs(), units: 1 });
      if (!permit && !signal.aborted) refusals.push(time.monotonicMs());
      await time.sleep(pauseMs);
    }
  };

  return {
    time,
    sends,
    refusals,
    start(pipeline: number): void {
      // Each process has a monotonic clock of its own.
      const timing = { monotonicMs: () => time.monotonicMs() + pipeline * 1e6, sleep: time.sleep };
      const limiter = new RateLimiter(watched, timing);
      const end = new AbortController();
      alive.set(pipeline, { limiter, end });
      for (let one = 0; one < 4; one += 1) void caller(limiter, end.signal, 170 + 37 * one + 11 * pipeline);
      void (async () => {
        while (!end.signal.aborted) {
          await time.sleep(1_000);
          if (!end.signal.aborted) await limiter.tick();
        }
      })();
    },
    /** As kill -9: nothing is given back. */
    async kill(pipeline: number): Promise<void> {
      alive.get(pipeline)?.end.abort(new Error('killed'));
      alive.delete(pipeline);
    },
    jump(ms: number): void {
      offsetMs += ms;
    },
    async end(): Promise<void> {
      for (const { end } of alive.values()) end.abort(new Error('over'));
      await time.advanceTo(time.monotonicMs() + 2_000);
    },
  };
}

function sentWithin(sends: readonly { atMs: number }[], fromMs: number, toMs: number): number {
  return sends.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs).length;
}
