import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import { newUuid, toUuid } from '#lib/kernel';
import type { RateTiming } from './rate-limiter.js';
import type { RateStore } from './rate-store.port.js';

/** How long a slot is held for a process that says nothing of it, and how often one that holds it does, in milliseconds. */
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
/** How often a call that waits looks whether a slot is free. */
const LOOK_MS = 200;
/** How long a bucket that was found full is believed to be, unless a slot of this process's comes back. */
const FULL_MS = 100;
const ATTEMPTS = 40;

/** A key that may have so many requests under way at once. */
export interface SlotScope {
  /** `aip_…` */
  id: string;
  name: string;
  bucket: string;
  limit: number;
}

export interface Slot {
  /** Gives it back; again does nothing. */
  release(): void;
}

export interface SlotOptions {
  /** How long the call may be held back, in milliseconds. */
  maxDelayMs: number;
  signal?: AbortSignal | undefined;
  /** Told once, when the call begins to wait. */
  onDelay?: (waitMs: number) => void;
}

/** The concurrency limit of a key, if it has one. */
export function slotScope(
  { org, rateLimits }: Pick<AuthorisedState, 'org' | 'rateLimits'>,
  { aiProviderId: id, name }: { aiProviderId: string; name: string },
): SlotScope | null {
  const limit = rateLimits.keys[id]?.concurrency;
  if (!org || limit === undefined) return null;
  return { id, name, limit, bucket: `${toUuid(org.id)}/slots/${id}` };
}

/** Who holds a slot, and until when by the store's clock. */
type Held = [holder: string, untilMs: number][];

/**
 * How many requests a key has under way at once, over all processes: slots with leases in the store where the rates meet (ADR 0034). A
 * process that is killed takes its slots for no longer than a lease.
 */
export class KeySlots {
  /** This process's, by bucket. */
  readonly #own = new Map<string, Set<string>>();
  readonly #releasing = new Set<Promise<void>>();
  /** The last change of each bucket here: one at a time, or the calls of one process would be in each other's way. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #fullUntil = new Map<string, number>();
  #renewedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: RateStore,
    private readonly timing: RateTiming,
  ) {}

  /** @throws ClavigerError rate_limited; the signal's reason; what the store throws when it cannot be asked. */
  async acquire(scope: SlotScope, { maxDelayMs, signal, onDelay }: SlotOptions): Promise<Slot> {
    const holder = newUuid();
    const deadline = this.timing.monotonicMs() + maxDelayMs;
    for (let told = false; ; told = true) {
      signal?.throwIfAborted();
      if (await this.#take(scope, holder)) return this.#slot(scope.bucket, holder);
      if (this.timing.monotonicMs() + LOOK_MS > deadline) throw slotsTaken(scope);
      if (!told) onDelay?.(LOOK_MS);
      await this.timing.sleep(LOOK_MS, signal);
    }
  }

  /** Call about once a second: the slots of calls under way go on. Rejects when the store does not answer. */
  async tick(): Promise<void> {
    const now = this.timing.monotonicMs();
    for (const [bucket, untilMs] of this.#fullUntil) if (untilMs <= now) this.#fullUntil.delete(bucket);
    if (now - this.#renewedMs < RENEW_MS) return;
    this.#renewedMs = now;
    await Promise.all([...this.#own.keys()].map((bucket) => this.#renew(bucket)));
  }

  /** Resolves when every slot that was released is back. */
  async close(): Promise<void> {
    await Promise.all(this.#releasing);
  }

  async #take({ bucket, limit }: SlotScope, holder: string): Promise<boolean> {
    return this.#inTurn(bucket, async () => {
      const now = this.timing.monotonicMs();
      if ((this.#fullUntil.get(bucket) ?? now) > now) return false;
      const taken = await this.#change(bucket, (held, nowMs) =>
        held.length < limit ? [...held, [holder, nowMs + LEASE_MS]] : null,
      );
      if (taken) this.#own.set(bucket, (this.#own.get(bucket) ?? new Set()).add(holder));
      else this.#fullUntil.set(bucket, this.timing.monotonicMs() + FULL_MS);
      return taken;
    });
  }

  #slot(bucket: string, holder: string): Slot {
    return {
      release: () => {
        const own = this.#own.get(bucket);
        if (!own?.delete(holder)) return;
        if (own.size === 0) this.#own.delete(bucket);
        // A store that is away leaves it to its lease.
        const releasing = this.#inTurn(bucket, async () => {
          await this.#change(bucket, (held) => without(held, new Set([holder])));
          this.#fullUntil.delete(bucket);
        }).catch(() => undefined);
        this.#releasing.add(releasing);
        void releasing.then(() => this.#releasing.delete(releasing));
      },
    };
  }

  async #renew(bucket: string): Promise<void> {
    await this.#inTurn(bucket, () =>
      this.#change(bucket, (held, nowMs) => {
        // Asked each time: one may have been released meanwhile.
        const own = this.#own.get(bucket) ?? new Set<string>();
        return [...without(held, own), ...[...own].map((holder): Held[number] => [holder, nowMs + LEASE_MS])];
      }),
    );
  }

  async #inTurn<T>(bucket: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(bucket) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#turns.set(bucket, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(bucket) === turn) this.#turns.delete(bucket);
    }
  }

  /** Replaces the slots that count by what `decide` makes of them; null leaves them so. False: they were left. */
  async #change(bucket: string, decide: (held: Held, nowMs: number) => Held | null): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { nowMs, buckets } = await this.store.read([bucket]);
      const { text, version } = buckets[0] ?? { text: null, version: 0 };
      const decided = decide(
        decode(text).filter(([, untilMs]) => untilMs > nowMs),
        nowMs,
      );
      if (!decided) return false;
      if (await this.store.write(bucket, JSON.stringify({ held: decided }), version)) return true;
    }
    throw new Error('the rate limit store is too contended');
  }
}

function without(held: Held, holders: ReadonlySet<string>): Held {
  return held.filter(([holder]) => !holders.has(holder));
}

function decode(text: string | null): Held {
  if (text === null) return [];
  const json: unknown = JSON.parse(text);
  const held: unknown = typeof json === 'object' && json !== null && 'held' in json ? json.held : [];
  return Array.isArray(held) ? held.filter(isHeld) : [];
}

function isHeld(entry: unknown): entry is Held[number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number';
}

function slotsTaken({ id, name, limit }: SlotScope): ClavigerError {
  const retryAfterSeconds = 1;
  const detail = `Rate-limited: the key "${name}" may have ${limit} requests under way at once, and it has. Try again in ${retryAfterSeconds} s. An OWNER can raise the limit of the key under Settings → AI Providers.`;
  return new ClavigerError('rate_limited', detail, {
    extras: { retryAfterSeconds, scope: 'key', scopeId: id, metric: 'concurrency', limit },
  });
}
