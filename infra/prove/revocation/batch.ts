import { setTimeout as delay } from 'node:timers/promises';
import { commitTimes } from '../series/commit-times.js';
import type { Installation } from '../series/installation.js';
import { CellLoad } from './cell-load.js';
import type { Cell } from './types.js';
import { judge, type Verdict } from './verdict.js';

const WARM_WITHIN_MS = 60_000;
/** Every cell is used for at least this long before it is revoked. */
const WARM_FOR_MS = 1_000;
/** The revokes are spread over this, so that they hit every phase of what an engine does once a second. */
const SPREAD_MS = 1_500;
const STREAM_PATIENCE_MS = 9_000;

/** How a batch is watched. */
export interface Watch {
  engines: readonly string[];
  /** For how long after its commit a cell is still called, in ms. */
  forMs: number;
}

/** Revokes every cell under load, and says what was seen of each. */
export async function runBatch(
  scene: Installation,
  cells: readonly Cell[],
  watch: Watch,
): Promise<Verdict[]> {
  const loads = cells.map((cell, at) => new CellLoad(cell, watch.engines, scene.tool.url, at));
  try {
    await warm(loads);
    const requestIds = await revoke(cells);
    await delay(watch.forMs);
    await Promise.all(loads.map((load) => load.stop()));
    const commits = await commitTimes(scene.db, requestIds);
    return await Promise.all(
      loads.map(async (load, at) => judgeOne(scene, cells[at]!, load, commits.get(requestIds[at]!) ?? 0)),
    );
  } finally {
    await Promise.all(loads.map((load) => load.stop()));
    for (const cell of cells) await cell.kind.restore?.(cell);
  }
}

/** Waits until every cell is in use everywhere. Throws when that takes too long. */
export async function warm(loads: readonly CellLoad[]): Promise<void> {
  const until = Date.now() + WARM_WITHIN_MS;
  while (!loads.every((load) => load.warm)) {
    if (Date.now() > until) {
      const cold = loads.filter((load) => !load.warm).map((load) => load.cold);
      throw new Error(`not every cell could be called before its revoke: ${cold.join('; ')}`);
    }
    await delay(50);
  }
  await delay(WARM_FOR_MS);
}

/** Answers the ids of the requests that did it. */
function revoke(cells: readonly Cell[]): Promise<string[]> {
  return Promise.all(
    cells.map(async (cell, at) => {
      await delay((SPREAD_MS * at) / cells.length);
      return (await cell.kind.revoke(cell)).requestId;
    }),
  );
}

async function judgeOne(scene: Installation, cell: Cell, load: CellLoad, audited: number): Promise<Verdict> {
  const { commitMs, holdsFromMs } = cell.kind;
  const stamped = commitMs ? await commitMs() : audited;
  const committedMs = stamped && Math.max(stamped, holdsFromMs?.(cell) ?? 0);
  const [stream, looping] = [await ended(load.stream), await ended(load.looping)];
  const sends = scene.arrivals.of(cell.secret);
  return judge({ cell, committedMs, sends, short: load.short, stream, looping });
}

/** The end of a run, undefined for one that is still going on long after its revoke. */
async function ended<T>(run: Promise<T> | undefined): Promise<T | undefined> {
  return run && Promise.race([run, delay(STREAM_PATIENCE_MS, undefined)]);
}
