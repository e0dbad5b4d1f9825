import { setTimeout as delay } from 'node:timers/promises';
import type { Installation } from '../series/installation.js';
import type { RunEnd } from '../series/runs.js';
import type { Bars, Figures } from '../proof.js';
import { warm } from './batch.js';
import { CellLoad } from './cell-load.js';
import type { Cell } from './cell.js';
import { FENCE_MS, STREAM_MS } from './verdict.js';

/** Longer than a stream may live without its rights being checked. */
const CUT_FOR_MS = 9_000;
const RECOVERS_WITHIN_MS = 15_000;

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
  await delay(CUT_FOR_MS);
  const mendedMs = Date.now();
  const open = await Promise.all(loads.flatMap(({ stream, looping }) => [stream, looping].map(soFar)));
  proxy.line = 'sound';
  const recoveryMs = await recovery(loads, mendedMs);
  await Promise.all(loads.map((load) => load.stop()));

  const short = loads.flatMap((load) => load.short);
  const cutOff = short.filter((run) => run.startedMs > cutMs + FENCE_MS && run.endedMs < mendedMs);
  const refused = cutOff.filter((run) => run.status === 503 && run.code === 'overloaded');
  const late = arrivals.between(cutMs + FENCE_MS, mendedMs);
  const streamMs = open.map((end) => (end ? end.endedMs - cutMs : Number.POSITIVE_INFINITY));
  const unnamed = [...new Set(open.map((end) => end?.code ?? 'nothing'))].filter((code) => code !== 'overloaded');
  const strange = short.filter((run) => run.code !== null && run.code !== 'overloaded');
  bars.hold(late === 0, `database ${line}: ${late} sends started more than ${FENCE_MS} ms after the cut`);
  bars.hold(refused.length > 0, `database ${line}: nothing was refused`);
  bars.hold(refused.length === cutOff.length, `database ${line}: ${listed(cutOff.filter((run) => !refused.includes(run)))}`);
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
    [`${line}SlowestRefusalMs`]: Math.max(0, ...refused.map((run) => run.endedMs - run.startedMs)),
    [`${line}OpenRunsEndedMsMax`]: Math.max(0, ...streamMs.filter(Number.isFinite)),
    [`${line}RecoveredAfterMs`]: recoveryMs ?? -1,
  };
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
