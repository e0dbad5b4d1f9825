import { LRUCache } from 'lru-cache';
import type { Clock } from '#lib/kernel';
import { KmsError, type EnvelopeKey, type KmsRef } from '#lib/kms';
import { withinDeadline } from './kms-call.js';

/** Bars of CUSTODY §3. Times in milliseconds. */
export interface CacheBars {
  entries: number;
  /** From this age an entry is fetched again while it still serves. */
  refreshMs: number;
  /** From this age it serves only while the KMS is unavailable or throttles. */
  maxAgeMs: number;
  /** From this age it never serves. */
  staleMs: number;
  /** The same for what is under an organization's own master key: so long at most after the owner took it away. */
  ownStaleMs: number;
  /** For so long a failed fetch counts as an outage: old entries serve at once while it is probed quietly … */
  outageMs: number;
  /** … with so much time between probes. */
  retryMs: number;
}

export const CACHE_BARS: CacheBars = {
  entries: 5_000,
  refreshMs: 150_000,
  maxAgeMs: 300_000,
  staleMs: 600_000,
  ownStaleMs: 300_000,
  outageMs: 5_000,
  retryMs: 1_000,
};

/** Which key is wanted, and how to get it from the KMS. */
export interface KeyRequest {
  cacheKey: string;
  secretId: string;
  /** Names the master key, for what an answer about it means to all that is under it. */
  kmsRef: KmsRef;
  /** The master key is one of the organization's own. */
  ownKey: boolean;
  fetch: () => Promise<EnvelopeKey>;
}

interface Entry {
  key: EnvelopeKey;
  secretId: string;
  kmsRef: KmsRef;
  /** Read before the KMS was asked, so that an entry is never older than it says. */
  bornMs: number;
}

interface Flight {
  answer: Promise<EnvelopeKey>;
  secretId: string;
  kmsRef: KmsRef;
}

/** Keeps derived keys, never secrets, by the ages of CUSTODY §3, with one fetch at a time for each. */
export class DekCache {
  readonly #clock: Clock;
  readonly #bars: CacheBars;
  readonly #entries: LRUCache<string, Entry>;
  readonly #flights = new Map<string, Flight>();
  readonly #failedAtMs = new Map<KmsRef, number>();

  constructor(clock: Clock, bars: CacheBars = CACHE_BARS) {
    this.#clock = clock;
    this.#bars = bars;
    this.#entries = new LRUCache({ max: bars.entries });
  }

  /** The key if it is in memory and young: nobody has to wait, and nothing to be fetched. */
  atHand(cacheKey: string): EnvelopeKey | undefined {
    const entry = this.#entries.get(cacheKey);
    return entry && this.#age(entry) < this.#bars.refreshMs ? entry.key : undefined;
  }

  /** The key, from memory or from the KMS. Throws KmsError; `unavailable` comes within 2 s. */
  async get(request: KeyRequest): Promise<EnvelopeKey> {
    const entry = this.#entries.get(request.cacheKey);
    if (!entry) return this.#fetch(request);
    const { refreshMs, maxAgeMs, outageMs, retryMs } = this.#bars;
    const staleMs = this.#staleMs(request);
    const age = this.#age(entry);
    if (age < refreshMs) return entry.key;
    const sinceFailure = this.#clock.monotonicMs() - (this.#failedAtMs.get(request.kmsRef) ?? -Infinity);
    if (age < maxAgeMs || (age < staleMs && sinceFailure < outageMs)) {
      // Nobody waits for this fetch, so nobody hears of its failure: a refusal purges, an outage is noted.
      if (sinceFailure >= retryMs) this.#fetch(request).catch(() => undefined);
      return entry.key;
    }
    return this.#fetchOrStale(request, entry);
  }

  /** Forgets the keys of one secret, or all; an answer still on its way is then not kept. */
  purge(secretId?: string): void {
    this.#forget((item) => secretId === undefined || item.secretId === secretId);
  }

  async #fetchOrStale(request: KeyRequest, entry: Entry): Promise<EnvelopeKey> {
    try {
      return await this.#fetch(request);
    } catch (error) {
      const kept =
        this.#entries.peek(request.cacheKey) === entry && this.#age(entry) < this.#staleMs(request);
      if (kept && isOutage(error)) return entry.key;
      throw error;
    }
  }

  #fetch(request: KeyRequest): Promise<EnvelopeKey> {
    const running = this.#flights.get(request.cacheKey);
    if (running) return running.answer;
    const { secretId, kmsRef } = request;
    const bornMs = this.#clock.monotonicMs();
    // `fetch` starts after the flight is noted, so that a purge at any moment finds it.
    const answer = withinDeadline(Promise.resolve().then(request.fetch));
    const flight: Flight = { secretId, kmsRef, answer };
    this.#flights.set(request.cacheKey, flight);
    const landed = () =>
      this.#flights.get(request.cacheKey) === flight && this.#flights.delete(request.cacheKey);
    flight.answer = answer.then(
      (key) => {
        this.#failedAtMs.delete(kmsRef);
        if (landed()) this.#entries.set(request.cacheKey, { key, secretId, kmsRef, bornMs });
        return key;
      },
      (error: unknown) => {
        landed();
        this.#noteFailure(request, error);
        throw error;
      },
    );
    return flight.answer;
  }

  #noteFailure(request: KeyRequest, error: unknown): void {
    if (!(error instanceof KmsError)) return;
    switch (error.kind) {
      case 'unavailable':
      case 'throttled':
        this.#failedAtMs.set(request.kmsRef, this.#clock.monotonicMs());
        return;
      case 'denied':
      case 'key_gone':
        // The answer is about the master key, so all that is under it has to be asked for again.
        this.#forget((item) => item.kmsRef === request.kmsRef);
        return;
      case 'tampered':
        this.#entries.delete(request.cacheKey);
    }
  }

  #forget(matches: (item: { secretId: string; kmsRef: KmsRef }) => boolean): void {
    for (const [cacheKey, entry] of [...this.#entries.entries()]) {
      if (matches(entry)) this.#entries.delete(cacheKey);
    }
    for (const [cacheKey, flight] of this.#flights) {
      if (matches(flight)) this.#flights.delete(cacheKey);
    }
  }

  #staleMs({ ownKey }: KeyRequest): number {
    return ownKey ? this.#bars.ownStaleMs : this.#bars.staleMs;
  }

  #age(entry: Entry): number {
    return this.#clock.monotonicMs() - entry.bornMs;
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof KmsError && (error.kind === 'unavailable' || error.kind === 'throttled');
}
