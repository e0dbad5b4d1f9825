import { setTimeout as delay } from 'node:timers/promises';
import { runOnce, runWithTool, streamForever, streamOnce, type Caller, type RunEnd } from '../series/runs.js';
import type { Cell } from './types.js';

/** Between two short runs of a lane, in ms; the mean of a random pause. */
const PAUSE_MS = 550;
/** Between the beginnings of two cells' load, in ms: callers do not come all at once. */
const APART_MS = 40;
const ATTEMPTS = 5;

/** The callers of one cell: short runs at every engine, one endless stream, and one run that sends after each tool call. */
export class CellLoad {
  readonly short: (RunEnd & { engine: number })[] = [];
  /** Streams that never began. */
  readonly refusedStreams: RunEnd[] = [];
  stream: Promise<RunEnd> | undefined;
  looping: Promise<RunEnd> | undefined;
  #stopped = false;
  #streaming = false;
  readonly #lanes: Promise<void>[];

  /** `number`: which of the batch it is. */
  constructor(
    private readonly cell: Cell,
    private readonly engines: readonly string[],
    toolUrl: string,
    number: number,
  ) {
    const begun = delay(number * APART_MS);
    this.#lanes = engines.map((_, engine) => begun.then(() => this.#lane(engine)));
    if (cell.kind.refusal === null) return;
    const [one, other] = [this.#caller(number % engines.length), this.#caller((number + 1) % engines.length)];
    this.stream = begun.then(() => this.#streamFrom(one));
    this.looping = begun.then(() => told(runWithTool(other, toolUrl)));
  }

  /** The end of a stream that had begun: one that was not let in, as by a machine that is too busy, is tried again. */
  async #streamFrom(caller: Caller): Promise<RunEnd> {
    for (let attempt = 1; ; attempt += 1) {
      const end = await told(streamForever(caller, () => (this.#streaming = true)));
      if (this.#streaming || this.#stopped || attempt === ATTEMPTS) return end;
      this.refusedStreams.push(end);
    }
  }

  /** What it waits for, in words. */
  get cold(): string {
    const last = this.short.at(-1);
    return `${this.cell.kind.name}: ${this.short.length} runs, the last ${last?.status} ${last?.code}, streaming ${this.#streaming}, ${this.refusedStreams.map((end) => end.code).join()}`;
  }

  /** Whether every engine has served it and its stream is open: what is revoked now is in use everywhere. */
  get warm(): boolean {
    const served = this.engines.every((_, engine) => this.short.some((run) => run.engine === engine));
    return served && (this.stream === undefined || this.#streaming);
  }

  /** Ends the short runs; the others end by themselves, or the series has found something. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  #caller(engine: number): Caller {
    const { workspaceId, headers } = this.cell;
    return { engine: this.engines[engine] ?? '', workspaceId, headers };
  }

  async #lane(engine: number): Promise<void> {
    for (let count = engine; !this.#stopped; count += 1) {
      await delay(Math.random() * 2 * PAUSE_MS);
      const run = count % 2 === 0 ? runOnce : streamOnce;
      this.short.push({ ...(await told(run(this.#caller(engine)))), engine });
    }
  }
}

/** A connection that broke is a way to end, too: the verdict is for others to give. */
function told(run: Promise<RunEnd>): Promise<RunEnd> {
  const startedMs = Date.now();
  return run.catch((error: unknown) => ({
    startedMs,
    endedMs: Date.now(),
    status: 0,
    code: String(error),
    keyVersion: null,
  }));
}
