import type { RateReading, RateStore, StoredBucket } from '#lib/limits';

/** The rate store's port in memory, for specs of what is built on it; counts how often it was asked. */
export class MemoryRateStore implements RateStore {
  readonly #buckets = new Map<string, StoredBucket>();
  readonly #clock: () => number;
  reads = 0;
  writes = 0;
  /** Set: every call fails with it. */
  broken: Error | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async read(names: readonly string[]): Promise<RateReading> {
    if (this.broken) throw this.broken;
    this.reads += 1;
    const buckets = names.map((name) => this.#buckets.get(name) ?? { text: null, version: 0 });
    return { nowMs: this.#clock(), buckets };
  }

  async write(name: string, text: string, version: number): Promise<boolean> {
    if (this.broken) throw this.broken;
    if ((this.#buckets.get(name)?.version ?? 0) !== version) return false;
    this.writes += 1;
    this.#buckets.set(name, { text, version: version + 1 });
    return true;
  }

  async sweep(): Promise<void> {}

  async close(): Promise<void> {}
}
