import { answersOf, driveLedger, judgeLedger, ledgerCalls, ledgerOf } from '#lib/testing';
import type { Figures } from '../figures.js';
import type { Promises } from '../promises.js';
import type { Bars } from '../proof.js';
import type { Installation } from '../series/installation.js';
import { comesAbout, furnish } from './scene.js';

const STREAMS = 1_000;
const LANES = 12;
const SHARES = { cut: 0.3, failed: 0.05 };

export const EXACT_PROMISES: Promises = {
  streams: { is: STREAMS },
  cutByTheirClient: { is: STREAMS * SHARES.cut },
  failedByTheirVendor: { is: STREAMS * SHARES.failed },
  engines: { is: 2 },
  receipts: { is: STREAMS },
  callsWithoutAReceipt: { is: 0 },
  callsWithTwoReceipts: { is: 0 },
  receiptsThatDiffer: { is: 0 },
  tokensOff: { is: 0 },
};

/** Streams of every protocol over two engines, many cut off: the ledger beside what the vendors reported. */
export async function exact(scene: Installation, bars: Bars): Promise<Figures> {
  const { owner, target } = await furnish(scene, 'exact');
  const calls = ledgerCalls(STREAMS, SHARES);
  scene.upstream.respond(answersOf(calls));
  const urls = scene.engines.map(({ url }) => url);
  const made = await driveLedger(calls, { ...target, urls }, LANES);
  const { db, upstream } = scene;
  await comesAbout(async () => (await ledgerOf(db, owner.orgId)).size >= STREAMS, 120_000);
  const ledger = await ledgerOf(db, owner.orgId);
  const { missing, doubled, differing, due, recorded } = judgeLedger(made, ledger, upstream.requests);
  for (const fault of [...missing, ...doubled, ...differing].slice(0, 20)) bars.hold(false, fault);
  const kinds = ['input', 'output', 'cached', 'reasoning'] as const;
  const ends = (...wanted: string[]) => calls.filter(({ end }) => wanted.includes(end)).length;
  return {
    streams: made.length,
    cutByTheirClient: ends('cut'),
    failedByTheirVendor: ends('refused', 'broken'),
    engines: urls.length,
    receipts: ledger.size,
    callsWithoutAReceipt: missing.length,
    callsWithTwoReceipts: doubled.length,
    receiptsThatDiffer: differing.length,
    tokensDue: kinds.reduce((sum, kind) => sum + due[kind], 0),
    tokensOff: kinds.reduce((sum, kind) => sum + Math.abs(due[kind] - recorded[kind]), 0),
  };
}
