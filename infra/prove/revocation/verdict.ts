import type { RunEnd } from '../series/runs.js';
import type { Cell } from './types.js';

/** No send may start later than this after the commit, in ms. */
export const FENCE_MS = 2_000;
/** No open stream may live longer than this after it. */
export const STREAM_MS = 7_000;

export interface Seen {
  cell: Cell;
  /** Wall-clock milliseconds. */
  committedMs: number;
  /** When sends with the cell's secret arrived at the vendor. */
  sends: readonly number[];
  short: readonly (RunEnd & { engine: number })[];
  /** Undefined: none was opened, or it never ended. */
  stream: RunEnd | undefined;
  looping: RunEnd | undefined;
}

/** What one revoke came to. */
export interface Verdict {
  kind: string;
  /** From the commit to the last send that arrived after it, in ms; 0 when none did. */
  lastSendMs: number;
  sendsAfter: number;
  lateSends: number;
  /** From the commit to the error frame of the open stream, in ms; null where the kind opens none. */
  streamEndMs: number | null;
  runs: number;
  /** Runs that a busy machine turned away by name: no revoke's doing, and nothing was sent. */
  busy: number;
  /** Open streams and runs that ended in time, by the engine's word that it could not ask: refused, and never a stale yes. */
  endedUnasked: number;
  /** Everything that was not as promised, in words. */
  faults: string[];
}

export function judge(seen: Seen): Verdict {
  const { cell, committedMs, sends, short } = seen;
  const after = sends.filter((at) => at > committedMs).map((at) => at - committedMs);
  const lateSends = after.filter((ms) => ms > FENCE_MS).length;
  const open = seen.stream && !endedBefore(seen.stream, committedMs);
  const streamEndMs = seen.stream && open ? seen.stream.endedMs - committedMs : null;
  const faults = [...shortFaults(seen), ...openFaults(seen)];
  if (committedMs === 0) faults.push('its commit was not found');
  if (lateSends > 0) faults.push(`${lateSends} sends started more than ${FENCE_MS} ms after the commit`);
  return {
    kind: cell.kind.name,
    lastSendMs: Math.max(0, ...after),
    sendsAfter: after.length,
    lateSends,
    streamEndMs,
    runs: short.length,
    busy: short.filter(turnedAway).length,
    endedUnasked: [seen.stream, seen.looping].filter((end) => end && endedUnasked(end, committedMs)).length,
    faults: faults.map((fault) => `${cell.kind.name}: ${fault}`),
  };
}

/** Runs before the commit go well, those that start 2 s after it are refused by name, and each engine has said so. */
function shortFaults({ cell, committedMs, short }: Seen): string[] {
  const { refusal } = cell.kind;
  const refused = (run: RunEnd) =>
    refusal !== null && run.status === refusal.status && run.code === refusal.code;
  const faults: string[] = [];
  for (const run of short.filter((one) => !turnedAway(one))) {
    const well = run.code === null && run.status === 200;
    const must =
      run.endedMs < committedMs ? well : run.startedMs > committedMs + FENCE_MS ? well === !refusal : true;
    if (!must || !(well || refused(run)))
      faults.push(
        `a run answered ${run.status} ${run.code ?? ''} ${run.startedMs - committedMs} ms after the commit`,
      );
  }
  if (refusal === null) return faults;
  const engines = new Set(short.map((run) => run.engine));
  for (const engine of engines) {
    if (!short.some((run) => run.engine === engine && refused(run)))
      faults.push(`engine ${engine} never refused`);
  }
  return faults;
}

function openFaults({ cell, committedMs, stream, looping }: Seen): string[] {
  const { refusal } = cell.kind;
  if (!refusal) return [];
  const faults: string[] = [];
  for (const [what, end] of Object.entries({ 'open stream': stream, 'run with tools': looping })) {
    // A machine that was too busy ended it before the revoke could.
    if (end && turnedAway(end) && endedBefore(end, committedMs)) continue;
    if (end && endedUnasked(end, committedMs)) continue;
    if (!end) faults.push(`the ${what} never ended`);
    else if (end.code !== refusal.code)
      faults.push(
        `the ${what} ended with ${end.code ?? 'an answer'} after ${Math.round(end.endedMs - committedMs)} ms: ${end.detail ?? ''}`,
      );
    else if (end.endedMs - committedMs > STREAM_MS)
      faults.push(`the ${what} ended after ${end.endedMs - committedMs} ms`);
  }
  return faults;
}

/** By an engine that could not ask its database or its key service in time. */
function turnedAway(run: RunEnd): boolean {
  return run.code === 'overloaded' || run.code === 'kms_unavailable';
}

/** How many of them there may be is a promise of the proof. */
function endedUnasked(end: RunEnd, committedMs: number): boolean {
  return turnedAway(end) && !endedBefore(end, committedMs) && end.endedMs - committedMs <= STREAM_MS;
}

function endedBefore(run: RunEnd, ms: number): boolean {
  return run.endedMs < ms;
}
