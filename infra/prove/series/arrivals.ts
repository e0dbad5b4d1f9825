import type { IncomingHttpHeaders } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * When a request with which key reached the vendor: wall-clock milliseconds at its headers, on the machine whose clock stamps
 * the database's commits too. A send began no later than it arrived.
 */
export class Arrivals {
  readonly #byKey = new Map<string, number[]>();
  readonly #lag = monitorEventLoopDelay({ resolution: 5 });
  total = 0;

  constructor() {
    this.#lag.enable();
  }

  readonly take = (headers: IncomingHttpHeaders): void => {
    const key = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (key === undefined) return;
    this.total += 1;
    const known = this.#byKey.get(key);
    if (known) known.push(Date.now());
    else this.#byKey.set(key, [Date.now()]);
  };

  of(key: string): readonly number[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Of any key, within a span of wall-clock time. */
  between(fromMs: number, toMs: number): number {
    return [...this.#byKey.values()].flat().filter((at) => at > fromMs && at <= toMs).length;
  }

  /** By how much this process may have noted an arrival too late, in ms. */
  get worstLagMs(): number {
    return this.#lag.max / 1e6;
  }
}
