import { setTimeout as delay } from 'node:timers/promises';
import type { Installation } from '../series/installation.js';
import { runOnce, type RunEnd } from '../series/runs.js';
import type { Bars, Figures } from '../proof.js';
import { warm } from './batch.js';
import { CellLoad } from './cell-load.js';
import type { Cell } from './types.js';
import { FENCE_MS, STREAM_MS } from './verdict.js';

/** Longer than a stream may live without its rights being checked. */
const CUT_FOR_MS = 9_000;
const RECOVERS_WITHIN_MS = 15_000;
const PROBE_EVERY_MS = 250;
/** A caller is refused after at most this long, in ms: the query's deadline, and room for a machine that is busy. */
const REFUSED_WITHIN_MS = 5_500;

/** Cuts the engines off from their database under load, by a line that hangs or by one that refuses, and mends it again. */
export async function cutDatabase(
  scene: Installation,
  cells: readonly Cell[],
  line: 'hung' | 'refused',
  bars: Bars,
): Promise<Figures> {
  const { arrivals, proxy, tool } = scene;
  const engines = scene.engines.map(({ url }) => url);
  const loads = cells.map((cell, at) => new CellLoad(cell, engines, tool.url, at));
  await warm(loads);
  const cutMs = Date.now();
  proxy.line = line;
  const probes = new Probes(cells, engines);
  await delay(CUT_FOR_MS);
  const mendedMs = Date.now();
  const open = await Promise.all(loads.flatMap(({ stream, looping }) => [stream, looping].map(soFar)));
  proxy.line = 'sound';
  const recoveryMs = await recovery(loads, mendedMs);
  await Promise.all(loads.map((load) => load.stop()));

  const short = [...loads.flatMap((load) => load.short), ...(await probes.stop())];
  const cutOff = short.filter((run) => run.startedMs > cutMs + FENCE_MS && run.endedMs < mendedMs);
  const refused = cutOff.filter((run) => run.status === 503 && run.code === 'overloaded');
  const slowest = Math.max(
    0,
    ...short.filter((run) => run.startedMs > cutMs && run.endedMs < mendedMs).map(lasted),
  );
  const hanging = short.filter(
    (run) => run.startedMs < mendedMs - REFUSED_WITHIN_MS && run.startedMs > cutMs && run.endedMs > mendedMs,
  );
  const late = arrivals.between(cutMs + FENCE_MS, mendedMs);
  const streamMs = open.map((end) => (end ? end.endedMs - cutMs : Number.POSITIVE_INFINITY));
  const unnamed = [...new Set(open.map((end) => end?.code ?? 'nothing'))].filter(
    (code) => code !== 'overloaded',
  );
  const strange = short.filter((run) => run.code !== null && run.code !== 'overloaded');
  bars.hold(late === 0, `database ${line}: ${late} sends started more than ${FENCE_MS} ms after the cut`);
  bars.hold(refused.length > 0, `database ${line}: nothing was refused`);
  bars.hold(
    refused.length === cutOff.length,
    `database ${line}: ${listed(cutOff.filter((run) => !refused.includes(run)))}`,
  );
  bars.hold(
    hanging.length === 0 && slowest <= REFUSED_WITHIN_MS,
    `database ${line}: ${hanging.length} calls were left hanging, the slowest answer took ${slowest} ms`,
  );
  bars.hold(strange.length === 0, `database ${line}: ${listed(strange)}`);
  bars.hold(
    streamMs.every((ms) => ms <= STREAM_MS),
    `database ${line}: ${streamMs.filter((ms) => ms > STREAM_MS).length} of ${open.length} open runs outlived ${STREAM_MS} ms`,
  );
  bars.hold(unnamed.length === 0, `database ${line}: open runs ended with ${unnamed.join(', ')}`);
  bars.hold(recoveryMs !== null, `database ${line}: it did not recover by itself`);
  return {
    [`${line}SendsLaterThan2s`]: late,
    [`${line}Refused503Overloaded`]: refused.length,
    [`${line}SlowestAnswerMs`]: slowest,
    [`${line}OpenRunsEndedMsMax`]: Math.max(0, ...streamMs.filter(Number.isFinite)),
    [`${line}RecoveredAfterMs`]: recoveryMs ?? -1,
  };
}

/** Calls that come while the database is away, whatever became of those before them. */
class Probes {
  readonly #runs: Promise<RunEnd>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(cells: readonly Cell[], engines: readonly string[]) {
    let count = 0;
    this.#timer = setInterval(() => {
      const { workspaceId, headers } = cells[count % cells.length]!;
      this.#runs.push(runOnce({ engine: engines[count % engines.length]!, workspaceId, headers }));
      count += 1;
    }, PROBE_EVERY_MS);
  }

  /** Ends them, and answers how each went. */
  stop(): Promise<RunEnd[]> {
    clearInterval(this.#timer);
    return Promise.all(this.#runs);
  }
}

function lasted(run: RunEnd): number {
  return run.endedMs - run.startedMs;
}

/** How a run has ended by now; undefined for one that is still open. */
async function soFar(run: Promise<RunEnd> | undefined): Promise<RunEnd | undefined> {
  return run && Promise.race([run, delay(0, undefined)]);
}

/** Until every cell has been served again by every engine, in ms; null when that takes too long. */
async function recovery(loads: readonly CellLoad[], mendedMs: number): Promise<number | null> {
  const served = (load: CellLoad, engine: number) =>
    load.short.some((run) => run.engine === engine && run.startedMs > mendedMs && run.code === null);
  while (!loads.every((load) => [0, 1].every((engine) => served(load, engine)))) {
    if (Date.now() - mendedMs > RECOVERS_WITHIN_MS) return null;
    await delay(20);
  }
  return Date.now() - mendedMs;
}

function listed(runs: readonly RunEnd[]): string {
  const kinds = [...new Set(runs.map((run) => `${run.status} ${run.code ?? ''}`))];
  return `${runs.length} runs answered ${kinds.join(', ')}`;
}
