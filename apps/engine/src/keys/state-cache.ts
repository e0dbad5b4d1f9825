import { LRUCache } from 'lru-cache';
import { ClavigerError, type AuthorisedState, type StateKey } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { within } from '../within.js';
import { entryName } from './entry-name.js';
import { databaseUnreachable } from './keys.errors.js';

/** The most that an authorisation may age before an upstream send has to read it again (CUSTODY §4). */
export const FENCE_MS = 2_000;
/** An entry used this recently is kept warm by the batched refresh. */
const HOT_MS = 5_000;
const MAX_ENTRIES = 10_000;
const BATCH = 500;
const READ_DEADLINE_MS = 2_000;
const ATTEMPTS = 3;

export interface StateSource {
  read(keys: StateKey[]): Promise<AuthorisedState[]>;
}

interface Entry {
  key: StateKey;
  state: AuthorisedState | undefined;
  loading: Promise<AuthorisedState | undefined> | undefined;
  /** Organizations that changed since `loading` began: whose state it is, is not known before it is read. */
  changed: Set<string>;
  lastUsedMs: number;
  /** Goes up with every eviction: a read that was begun under an earlier number may miss the change that we were told of. */
  generation: number;
}

/**
 * What callers may do, at most two seconds old. Reads are single-flight; a state counts as old as the moment before its query was
 * sent, so a slow answer can only shorten its life. A database that does not answer is a refusal, never a stale yes.
 */
export class StateCache {
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_ENTRIES });
  readonly #source: StateSource;
  readonly #clock: Clock;

  constructor(source: StateSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** The state of `key`, no older than `maxAgeMs`. Throws `overloaded` when the database cannot say. */
  async get(key: StateKey, maxAgeMs: number = FENCE_MS): Promise<AuthorisedState> {
    const entry = this.#entry(key);
    const asked = this.#clock.monotonicMs();
    entry.lastUsedMs = asked;
    let read: AuthorisedState | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const state = entry.state;
      if (state && this.#usable(state, maxAgeMs, asked)) return state;
      entry.loading ??= this.#load(entry);
      read = await entry.loading;
    }
    // Every read was overtaken by a change. The last one is young enough by its stamp, which is what the fence goes by: changes
    // that come faster than reads must not keep callers out.
    if (read && this.#usable(read, maxAgeMs, asked)) return (entry.state = read);
    throw databaseUnreachable(new Error('three reads of the authorised state came back too old'));
  }

  /** The state of `key` if one of at most `FENCE_MS` is at hand this very moment. */
  peek(key: StateKey): AuthorisedState | undefined {
    const entry = this.#entries.get(entryName(key));
    if (!entry?.state) return undefined;
    entry.lastUsedMs = this.#clock.monotonicMs();
    return this.#usable(entry.state, FENCE_MS, entry.lastUsedMs) ? entry.state : undefined;
  }

  /** Forgets what is known about an organization (or about all, without one). Reads under way are not believed either. */
  evict(orgId?: string): void {
    for (const entry of this.#entries.values()) {
      if (orgId !== undefined) {
        if (entry.loading) entry.changed.add(orgId);
        const owner = entry.state?.org?.id;
        if (!entry.state || (owner !== undefined && owner !== orgId)) continue;
      }
      entry.generation += 1;
      entry.state = undefined;
    }
  }

  /** Reads every entry that was used in the last seconds again, in batches, so that a warm call need not wait. */
  async refreshHot(): Promise<void> {
    const now = this.#clock.monotonicMs();
    const hot = [...this.#entries.values()].filter(
      (entry) => entry.state && now - entry.lastUsedMs <= HOT_MS,
    );
    for (let at = 0; at < hot.length; at += BATCH) {
      const batch = hot.slice(at, at + BATCH);
      const generations = batch.map((entry) => entry.generation);
      const states = await this.#read(batch.map((entry) => entry.key));
      batch.forEach((entry, index) => this.#accept(entry, states[index], generations[index]));
    }
  }

  #entry(key: StateKey): Entry {
    const name = entryName(key);
    let entry = this.#entries.get(name);
    if (!entry) {
      entry = {
        ...{ key, state: undefined, loading: undefined, changed: new Set() },
        ...{ lastUsedMs: 0, generation: 0 },
      };
      this.#entries.set(name, entry);
    }
    return entry;
  }

  /** `maxAgeMs` 0 asks for a state that was read after the question. */
  #usable(state: AuthorisedState, maxAgeMs: number, askedMs: number): boolean {
    if (maxAgeMs === 0) return state.stampMs >= askedMs;
    return this.#clock.monotonicMs() - state.stampMs <= maxAgeMs;
  }

  async #load(entry: Entry): Promise<AuthorisedState | undefined> {
    const { generation } = entry;
    entry.changed.clear();
    try {
      const [state] = await this.#read([entry.key]);
      if (!entry.changed.has(state?.org?.id ?? '')) this.#accept(entry, state, generation);
      // What nothing answers to is not remembered: guesses must not push real callers out.
      if (!state?.principal) this.#entries.delete(entryName(entry.key));
      return state;
    } finally {
      entry.loading = undefined;
    }
  }

  #accept(entry: Entry, state: AuthorisedState | undefined, generation: number | undefined): void {
    if (!state || generation !== entry.generation) return;
    if (!entry.state || state.stampMs > entry.state.stampMs) entry.state = state;
  }

  async #read(keys: StateKey[]): Promise<AuthorisedState[]> {
    const slow = () => new Error('the authorised-state query took too long');
    try {
      return await within(this.#source.read(keys), READ_DEADLINE_MS, slow);
    } catch (error) {
      throw error instanceof ClavigerError ? error : databaseUnreachable(error);
    }
  }
}
