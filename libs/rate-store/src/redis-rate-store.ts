import type { RateReading, RateStore } from '#lib/limits';
import { Redis } from 'ioredis';

/** Longer than the longest window: a bucket that is gone counted nothing that still counts. */
const KEPT_MS = 2 * 86_400_000;
/** A caller waits for this: a store that is away must be a refusal, not a hang. */
const ANSWER_WITHIN_MS = 2_000;

/** Compares and sets as one step. */
const WRITE = `
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'version', tonumber(version) + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

/** Buckets as hashes of a Redis or Valkey, by its own clock. */
export class RedisRateStore implements RateStore {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #clock: (() => number) | undefined;

  /**
   * @param deployment keeps installations that share a server apart
   * @param clock in place of the server's, for tests that move it
   */
  constructor(url: string, deployment: string, onTrouble: (error: Error) => void, clock?: () => number) {
    this.#redis = new Redis(url, { commandTimeout: ANSWER_WITHIN_MS, maxRetriesPerRequest: 1 });
    this.#redis.on('error', onTrouble);
    this.#prefix = `claviger:${deployment}:rate:`;
    this.#clock = clock;
  }

  async read(names: readonly string[]): Promise<RateReading> {
    const [time, ...found] = await Promise.all([
      this.#redis.time(),
      ...names.map((name) => this.#redis.hmget(this.#prefix + name, 'state', 'version')),
    ]);
    const [seconds, micros] = time;
    return {
      nowMs: this.#clock?.() ?? Number(seconds) * 1_000 + Number(micros) / 1_000,
      buckets: found.map(([state, version]) => ({ text: state ?? null, version: Number(version ?? 0) })),
    };
  }

  async write(name: string, text: string, version: number): Promise<boolean> {
    return (await this.#redis.eval(WRITE, 1, this.#prefix + name, text, String(version), KEPT_MS)) === 1;
  }

  /** Its keys end by themselves. */
  async sweep(): Promise<void> {}

  async close(): Promise<void> {
    await this.#redis.quit().catch(() => this.#redis.disconnect());
  }
}
