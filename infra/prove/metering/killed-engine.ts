import { toUuid } from '#lib/kernel';
import {
  answersOf,
  driveLedger,
  dueOf,
  ledgerCalls,
  ledgerOf,
  readBooks,
  type LedgerCall,
  type LedgerLine,
  type MadeCall,
} from '#lib/testing';
import type { Figures } from '../figures.js';
import type { Promises } from '../promises.js';
import type { Installation } from '../series/installation.js';
import { comesAbout, furnish, type LedgerTenant } from './scene.js';

const STREAMS = 400;
const LANES = 8;
const KILLED_AFTER = 150;
/** What infra/docs/metering.md states: receipts of calls that ended so long before a kill -9 may be lost, where nothing was reserved. */
const BOUND_MS = 1_000;
/** A dead process is given up after 30 s, at a beat of 5 s. */
const SWEPT_WITHIN_MS = 90_000;
/** The other engines write theirs by then, however busy the machine is. */
const WRITTEN_WITHIN_MS = 60_000;
const QUOTA = { window: 'month', mode: 'enforce', metric: 'total_tokens', max: 100_000_000 };

export const KILLED_PROMISES: Promises = {
  enginesKilled: { is: 1 },
  reservedStreams: { is: STREAMS },
  unreservedStreams: { is: STREAMS },
  reservedWithoutAReceipt: { is: 0 },
  tokensThatNoReservationCovered: { is: 0 },
  settledThatDiffersFromTheLedger: { is: 0 },
  unreservedMissingBeyondTheBound: { is: 0 },
};

interface Load {
  tenant: LedgerTenant;
  calls: LedgerCall[];
  made: MadeCall[];
}

/** One engine of two ends by kill -9 under load, of an organization with a quota and of one without. */
export async function killedEngine(scene: Installation, tell: (line: string) => void): Promise<Figures> {
  const reserved = await loadOf(scene, 'reserved', 10_000);
  const unreserved = await loadOf(scene, 'unreserved', 20_000);
  await reserved.tenant.owner.make('/quotas', { name: 'All', scope: { type: 'organization' }, ...QUOTA });
  scene.upstream.respond(answersOf([...reserved.calls, ...unreserved.calls]));
  const urls = scene.engines.map(({ url }) => url);
  let [ended, killedMs] = [0, Number.POSITIVE_INFINITY];
  let replaced: Promise<void> | undefined;
  const kill = async (): Promise<void> => {
    tell('kill -9 of one engine, under load');
    killedMs = performance.now();
    scene.engines[1]!.kill();
    urls.splice(1, 1);
    urls.push((await scene.startEngine()).url);
  };
  await Promise.all(
    [reserved, unreserved].map(async (load) => {
      load.made = await driveLedger(load.calls, { ...load.tenant.target, urls }, LANES, () => {
        if ((ended += 1) >= KILLED_AFTER) replaced ??= kill();
      });
    }),
  );
  await replaced;
  const arrived = new Set(scene.upstream.requests.map(({ body }) => /call-\d+\./.exec(body)?.[0] ?? ''));
  return {
    enginesKilled: replaced ? 1 : 0,
    ...(await judge(scene, { reserved, unreserved, arrived, killedMs })),
  };
}

/** Calls under tags of their own, whose use is within what is reserved for them. */
async function loadOf(scene: Installation, name: string, from: number): Promise<Load> {
  const calls = ledgerCalls(STREAMS, { cut: 0, failed: 0 }).map((call, at) => {
    const usage = { ...call.usage, input: 5 + (at % 10), cached: 0 };
    return { ...call, tag: `call-${from + at}.`, usage };
  });
  return { tenant: await furnish(scene, name), calls, made: [] };
}

interface Seen {
  reserved: Load;
  unreserved: Load;
  /** Tags of the calls that reached the vendor. */
  arrived: ReadonlySet<string>;
  killedMs: number;
}

async function judge(
  { db }: Installation,
  { reserved, unreserved, arrived, killedMs }: Seen,
): Promise<Figures> {
  const orgId = reserved.tenant.owner.orgId;
  const isSwept = async (): Promise<boolean> => {
    const { rows } = await db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM quota_reservations WHERE org_id = $1 AND charged_at IS NULL',
      [toUuid(orgId)],
    );
    return rows[0]?.n === 0;
  };
  await comesAbout(isSwept, SWEPT_WITHIN_MS);
  const lines = await ledgerOf(db, orgId);
  const reached = (load: Load): MadeCall[] => load.made.filter(({ call }) => arrived.has(call.tag));
  const total = (line: Pick<LedgerLine, 'input' | 'output'>) => line.input + line.output;
  const due = reached(reserved).reduce((sum, one) => sum + total(dueOf(one, 0)), 0);
  const charged = [...lines.values()].reduce((sum, line) => sum + total(line), 0);
  const books = await readBooks(db, orgId);
  // It was broken off by the kill, or had ended within the bound before it.
  const excused = ({ trouble, endedMs }: MadeCall): boolean =>
    endedMs > killedMs ? trouble !== null : killedMs - endedMs <= BOUND_MS;
  let lost: MadeCall[] = [];
  await comesAbout(async () => {
    const free = await ledgerOf(db, unreserved.tenant.owner.orgId);
    lost = reached(unreserved).filter(({ runId }) => runId === null || !free.has(runId));
    return lost.every(excused);
  }, WRITTEN_WITHIN_MS);
  return {
    reservedStreams: reserved.made.length,
    unreservedStreams: unreserved.made.length,
    brokenOffByTheKill: [...reserved.made, ...unreserved.made].filter(({ trouble }) => trouble !== null)
      .length,
    receiptsOfUnknownUse: [...lines.values()].filter(({ outcome }) => outcome === 'unknown').length,
    reservedWithoutAReceipt: withoutReceipt(reached(reserved), lines),
    tokensThatNoReservationCovered: Math.max(0, due - charged),
    settledThatDiffersFromTheLedger: books.filter(({ settled, ledger }) => settled !== ledger).length,
    unreservedMissingWithinTheBound: lost.filter(excused).length,
    unreservedMissingBeyondTheBound: lost.filter((one) => !excused(one)).length,
  };
}

/** Calls that reached the vendor and have no receipt. A client that heard of no run may have any of those that nobody claims. */
function withoutReceipt(made: readonly MadeCall[], lines: ReadonlyMap<string, LedgerLine>): number {
  const known = made.filter(({ runId }) => runId !== null);
  const claimed = new Set(known.map(({ runId }) => runId));
  const unclaimed = [...lines.keys()].filter((runId) => !claimed.has(runId)).length;
  const missing = known.filter(({ runId }) => !lines.has(runId!)).length;
  return missing + Math.max(0, made.length - known.length - unclaimed);
}
