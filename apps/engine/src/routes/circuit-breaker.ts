import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Clock } from '#lib/kernel';
import { CLOCK } from '../tokens.js';

/** So many failures in a row, all within the window, open a circuit; after the pause one call may try. Milliseconds. */
export const OPENS_AFTER = 5;
export const WINDOW_MS = 60_000;
export const OPEN_MS = 15_000;
/** A probe that nobody ended is forgotten: its run may take as long as it likes. */
const PROBE_MS = 60_000;
const MOST_CIRCUITS = 10_000;

interface Circuit {
  /** When each failure since the last success was, the oldest first; no more than open it. */
  failures: number[];
  openUntilMs: number | null;
  probeUntilMs: number;
}

/**
 * Which places, each a key and a host, failed again and again a moment ago. Of this process alone, and advice: it chooses between targets
 * and refuses nothing (ADR 0031).
 */
@Injectable()
export class CircuitBreaker {
  readonly #circuits = new LRUCache<string, Circuit>({ max: MOST_CIRCUITS });

  constructor(@Inject(CLOCK) private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** Whether a call may go there. Of an open circuit that has waited long enough, one call may, and its outcome decides. */
  allows(place: string): boolean {
    const circuit = this.#circuits.get(place);
    if (!circuit || circuit.openUntilMs === null) return true;
    const now = this.clock.monotonicMs();
    if (now < circuit.openUntilMs || now < circuit.probeUntilMs) return false;
    circuit.probeUntilMs = now + PROBE_MS;
    return true;
  }

  /** What a call that went there says of it; null: nothing, it ended for another reason. */
  note(place: string, verdict: 'well' | 'ill' | null): void {
    if (verdict === 'well') return void this.#circuits.delete(place);
    const circuit = this.#circuits.get(place) ?? { failures: [], openUntilMs: null, probeUntilMs: 0 };
    circuit.probeUntilMs = 0;
    if (verdict === null) return;
    const now = this.clock.monotonicMs();
    circuit.failures = [...circuit.failures.filter((at) => now - at < WINDOW_MS), now].slice(-OPENS_AFTER);
    const isProbe = circuit.openUntilMs !== null;
    if (isProbe || circuit.failures.length >= OPENS_AFTER) circuit.openUntilMs = now + OPEN_MS;
    this.#circuits.set(place, circuit);
  }
}
