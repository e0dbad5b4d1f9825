import { setTimeout as delay } from 'node:timers/promises';
import { runOnce, streamOnce, streamSlowly, type Caller, type RunEnd } from '../series/runs.js';

/** Between two runs of a lane, in ms; the mean of a random pause. */
const PAUSE_MS = 60;

/** Callers of one workspace at every engine: answers at once, streams, and streams that take a while. */
export class RotationLoad {
  readonly runs: RunEnd[] = [];
  #stopped = false;
  readonly #lanes: Promise<void>[];

  constructor(callers: readonly Caller[]) {
    const kinds = [(caller: Caller) => runOnce(caller), streamOnce, streamSlowly];
    this.#lanes = callers.flatMap((caller) => kinds.map((run) => this.#lane(() => run(caller))));
  }

  /** Every run that did not go well. */
  get failed(): RunEnd[] {
    return this.runs.filter((run) => run.status !== 200 || run.code !== null);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  async #lane(run: () => Promise<RunEnd>): Promise<void> {
    while (!this.#stopped) {
      const startedMs = Date.now();
      const broken = (error: unknown): RunEnd => ({
        ...{ startedMs, endedMs: Date.now(), status: 0, code: String(error), keyVersion: null },
      });
      this.runs.push(await run().catch(broken));
      await delay(Math.random() * 2 * PAUSE_MS);
    }
  }
}
