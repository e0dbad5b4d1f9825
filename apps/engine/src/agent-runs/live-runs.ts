import { Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { FairPlaces, PlacesFull, type PlaceHolder } from '#lib/limits';
import { placeRefusal, RETRY_AFTER_SECONDS } from './place-refusal.js';
import { RecentRuns } from './recent-runs.js';
import { RunHandle, type RunFacts } from './run-handle.js';

/** Takes up a run that has begun: its place is its own until it is over. */
export type OpenRun = (runId: string, facts: RunFacts) => RunHandle;

/** The runs under way in this process, by id. */
@Injectable()
export class LiveRuns {
  readonly #runs = new Map<string, RunHandle>();
  readonly #recent = new RecentRuns();
  readonly #beginning = new Set<Promise<unknown>>();
  #draining = false;

  constructor(private readonly places: FairPlaces) {}

  get size(): number {
    return this.#runs.size;
  }

  get(runId: string): RunHandle | undefined {
    return this.#runs.get(runId);
  }

  /** A run that ended here a moment ago and whose answer its row does not have. Whoever asks has shown that the run may be read. */
  recent(runId: string): RunHandle | undefined {
    return this.#recent.get(runId);
  }

  /**
   * Runs `begin` while holding one of the places of `holder`: a process that stops waits for it, so that no row is written for a run
   * that nobody runs. null: a queued run, which needs none, as the dispatcher takes turns with slots of its own.
   * Throws `overloaded` when the process is stopping or full, and `rate_limited` where the holder's share is.
   */
  async reserve<T>(holder: PlaceHolder | null, begin: (open: OpenRun) => Promise<T>): Promise<T> {
    this.assertOpen();
    const leave = holder ? this.#take(holder) : () => undefined;
    let isOpen = false;
    const beginning = begin((runId, facts) => {
      const handle = this.open(runId, facts);
      isOpen = true;
      void handle.done.then(leave);
      return handle;
    });
    this.#beginning.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#beginning.delete(beginning);
      if (!isOpen) leave();
    }
  }

  /** Takes up a run that nothing has to be written for before, in one of the places of `holder`. @throws as `reserve` */
  openAtOnce(holder: PlaceHolder, runId: string, facts: RunFacts): RunHandle {
    this.assertOpen();
    const leave = this.#take(holder);
    const handle = new RunHandle(runId, facts);
    this.#runs.set(runId, handle);
    handle.onEnd = () => {
      leave();
      this.#runs.delete(runId);
    };
    return handle;
  }

  /** Takes up a run that needs no place. */
  open(runId: string, facts: RunFacts): RunHandle {
    const handle = new RunHandle(runId, facts);
    this.#runs.set(runId, handle);
    void handle.done.then((answer) => {
      if (this.#runs.get(runId) === handle) this.#runs.delete(runId);
      this.#recent.add(handle, answer);
    });
    return handle;
  }

  /** Throws `overloaded` when the process is stopping. */
  assertOpen(): void {
    if (!this.#draining) return;
    const detail =
      'This engine is stopping. Send the call again: another one, or this one restarted, takes it.';
    throw new ClavigerError('overloaded', detail, { extras: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
  }

  /** Takes no new run, waits up to `graceMs` for those under way, then aborts the rest and waits until they have settled. */
  async drain(graceMs: number, reason: () => Error): Promise<void> {
    this.#draining = true;
    await Promise.allSettled(this.#beginning);
    const all = (): Promise<unknown> => Promise.all([...this.#runs.values()].map((run) => run.done));
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([all(), grace]);
    clearTimeout(timer);
    for (const run of this.#runs.values()) run.abort(reason());
    await all();
  }

  #take(holder: PlaceHolder): () => void {
    try {
      return this.places.take(holder);
    } catch (full) {
      throw full instanceof PlacesFull ? placeRefusal(full, holder) : full;
    }
  }
}
