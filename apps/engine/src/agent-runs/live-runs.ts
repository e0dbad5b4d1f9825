import { Injectable } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { RunHandle, type RunFacts } from './run-handle.js';

/** More runs than this at once would starve each other: further ones are told to come again. */
const MAX_RUNS = 2_000;

/** The runs under way in this process, by id. */
@Injectable()
export class LiveRuns {
  readonly #runs = new Map<string, RunHandle>();
  readonly #beginning = new Set<Promise<unknown>>();
  #draining = false;

  get size(): number {
    return this.#runs.size;
  }

  get(runId: string): RunHandle | undefined {
    return this.#runs.get(runId);
  }

  /**
   * Runs `begin` while holding a place: a process that stops waits for it, so that no row is written for a run that nobody runs.
   * Throws `overloaded` when the process is stopping or full.
   */
  async reserve<T>(begin: () => Promise<T>): Promise<T> {
    this.assertOpen();
    const beginning = begin();
    this.#beginning.add(beginning);
    try {
      return await beginning;
    } finally {
      this.#beginning.delete(beginning);
    }
  }

  /** Takes up a run that has begun. Call it inside `reserve`. */
  open(runId: string, facts: RunFacts): RunHandle {
    const handle = new RunHandle(runId, facts);
    this.#runs.set(runId, handle);
    void handle.done.then(() => {
      if (this.#runs.get(runId) === handle) this.#runs.delete(runId);
    });
    return handle;
  }

  /** Throws `overloaded` when the process takes no run now. */
  assertOpen(): void {
    if (this.#draining)
      throw overloaded(
        'This engine is stopping. Send the call again: another one, or this one restarted, takes it.',
      );
    if (this.#runs.size + this.#beginning.size >= MAX_RUNS)
      throw overloaded(
        'This engine has as many runs under way as it can take. Send the call again in a moment; the operator can add engine processes.',
      );
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
}

function overloaded(detail: string): ClavigerError {
  return new ClavigerError('overloaded', detail, { extras: { retryAfterSeconds: 2 } });
}
