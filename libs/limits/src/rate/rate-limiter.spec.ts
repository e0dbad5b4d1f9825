import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRateStore, SimulatedTime } from '#lib/testing';
import {
  headRoom,
  leaseSize,
  RateFull,
  RateLimiter,
  rateScope,
  type RateDelay,
  type RateScope,
} from '../index.js';

let time: SimulatedTime;
let store: MemoryRateStore;
let limiter: RateLimiter;
beforeEach(() => {
  time = new SimulatedTime();
  store = new MemoryRateStore(() => 1e12 + time.monotonicMs());
  limiter = new RateLimiter(store, time);
});

const ORG = '00000000-0000-7000-8000-000000000001';
const scope = (limits: object, id = 'a'): RateScope[] => rateScope(ORG, 'key', id, id, limits);
const now = { tokens: 100, maxDelayMs: 0 };
const used = async (limits: object, metric = 'rpm') =>
  (await headRoom(store, scope(limits))).find((one) => one.metric === metric)?.used;

describe('#44 the rate limiter of one process', () => {
  it('asks the store once and then serves from its lease; draws the next one beside the calls', async () => {
    const limits = { rpm: 1_000 };
    await limiter.acquire(scope(limits), now);
    const asked = store.reads;
    expect(limiter.tryAcquire(scope(limits), 100)).toBeDefined();
    expect(limiter.tryAcquire(scope(limits), 100)).toBeDefined();
    expect(store.reads).toBe(asked);
    for (let one = 0; one < 6; one += 1) limiter.tryAcquire(scope(limits), 100);
    await time.advanceTo(10);
    expect(store.reads).toBe(asked + 1);
    expect(await used(limits)).toBeLessThanOrEqual(9 + leaseSize(limits, { rpm: 1, rpd: 1, tpm: 0 }).rpm);
  });

  it('a hundred calls of one moment ask the store together', async () => {
    const limits = { rpm: 60 };
    const calls = Array.from({ length: 100 }, () => limiter.acquire(scope(limits), now));
    const done = await Promise.allSettled(calls);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(60);
    expect(store.writes).toBeLessThanOrEqual(3);
    const refusal = done.find((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(refusal?.reason).toBeInstanceOf(RateFull);
    expect((refusal?.reason as RateFull).delay).toMatchObject({ kind: 'key', metric: 'rpm', limit: 60 });
  });

  it('gives back what it does not use: after two seconds, and when it stops', async () => {
    const limits = { rpm: 1_000, rpd: 10_000 };
    await limiter.acquire(scope(limits), now);
    await time.advanceTo(100);
    expect(await used(limits)).toBeGreaterThan(1);
    await time.advanceTo(3_000);
    await limiter.tick();
    expect([await used(limits), await used(limits, 'rpd')]).toEqual([1, 1]);
    const permit = await limiter.acquire(scope(limits), now);
    permit.release();
    permit.release();
    await limiter.close();
    expect([await used(limits), await used(limits, 'rpd')]).toEqual([1, 1]);
  });

  it('reserves tokens and settles them: less is given back, more is charged, once', async () => {
    const limits = { tpm: 1_000 };
    const cheap = await limiter.acquire(scope(limits), { tokens: 400, maxDelayMs: 0 });
    cheap.settle(10);
    cheap.settle(0);
    const dear = await limiter.acquire(scope(limits), { tokens: 400, maxDelayMs: 0 });
    dear.settle(900);
    await limiter.close();
    expect(await used(limits, 'tpm')).toBe(910);
    // One that is larger than the limit could never be made: it takes all of it.
    await time.advanceTo(61_000);
    await expect(limiter.acquire(scope(limits), { tokens: 5_000, maxDelayMs: 0 })).resolves.toBeDefined();
  });

  it('makes a call wait within its bound, tells it once, and the next in line after it', async () => {
    const limits = { rpm: 1 };
    await limiter.acquire(scope(limits), now);
    await time.advanceTo(55_000);
    const told: RateDelay[] = [];
    const order: string[] = [];
    const options = { tokens: 0, maxDelayMs: 10_000, onDelay: (delay: RateDelay) => void told.push(delay) };
    const first = limiter.acquire(scope(limits), options).then(() => order.push('first'));
    await time.advanceTo(55_010);
    const second = limiter.acquire(scope(limits), options).catch((error: unknown) => error);
    await time.advanceTo(61_000);
    await first;
    expect(order).toEqual(['first']);
    expect(told).toHaveLength(1);
    expect(Math.round(told[0]!.waitMs / 1_000)).toBe(6);
    expect(await second).toBeInstanceOf(RateFull);
  });

  it('needs room in every scope, and takes none where one is full', async () => {
    const both = [...scope({ rpm: 100 }, 'wide'), ...scope({ rpm: 1 }, 'narrow')];
    await limiter.acquire(both, now);
    await expect(limiter.acquire(both, now)).rejects.toMatchObject({ delay: { id: 'narrow' } });
    await limiter.close();
    expect((await headRoom(store, both)).map((one) => one.used)).toEqual([1, 1]);
  });

  it('refuses when the store does not answer, and works again when it does', async () => {
    const limits = { rpm: 10 };
    store.broken = new Error('away');
    await expect(limiter.acquire(scope(limits), now)).rejects.toThrow('away');
    store.broken = undefined;
    await expect(limiter.acquire(scope(limits), now)).resolves.toBeDefined();
  });

  it('a limit that is lowered holds at once; without limits nothing is asked', async () => {
    for (let one = 0; one < 5; one += 1) await limiter.acquire(scope({ rpm: 10 }), now);
    await limiter.close();
    await expect(limiter.acquire(scope({ rpm: 5 }), now)).rejects.toBeInstanceOf(RateFull);
    const asked = store.reads;
    await limiter.acquire(scope({}), now);
    await limiter.acquire([], now);
    expect(store.reads).toBe(asked);
  });
});
