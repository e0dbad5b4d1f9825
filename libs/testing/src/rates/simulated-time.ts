interface Sleeper {
  atMs: number;
  wake: () => void;
}

/** Time that moves when a test says so: what sleeps wakes in its order, and real input and output may finish in between. */
export class SimulatedTime {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  #busy = 0;

  readonly monotonicMs = (): number => this.#nowMs;

  readonly sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      this.#sleepers.push({ atMs: this.#nowMs + ms, wake: resolve });
      signal?.addEventListener(
        'abort',
        () => reject(new Error('the sleep was ended', { cause: signal.reason })),
        { once: true },
      );
    });

  /** Marks real work under way: time stands still until it is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
    }
  }

  /** Moves to `untilMs` from one sleeper to the next. */
  async advanceTo(untilMs: number): Promise<void> {
    await this.#settled();
    for (;;) {
      const next = Math.min(...this.#sleepers.map(({ atMs }) => atMs));
      if (next > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next);
      const due = this.#sleepers.filter(({ atMs }) => atMs <= this.#nowMs);
      this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.#nowMs);
      for (const { wake } of due) wake();
      await this.#settled();
    }
    this.#nowMs = untilMs;
  }

  async #settled(): Promise<void> {
    for (let quiet = 0; quiet < 3;) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.#busy === 0 ? quiet + 1 : 0;
    }
  }
}

/** The most units that fall into any window of `windowMs`, a window's end not counted in. */
export function busiestWindow(sends: readonly { atMs: number; units: number }[], windowMs: number): number {
  const sorted = [...sends].sort((a, b) => a.atMs - b.atMs);
  let from = 0;
  let sum = 0;
  let most = 0;
  for (const { atMs, units } of sorted) {
    sum += units;
    while (sorted[from]!.atMs <= atMs - windowMs) sum -= sorted[from++]!.units;
    most = Math.max(most, sum);
  }
  return most;
}
