import { setTimeout as delay } from 'node:timers/promises';
import { readBooks } from '#lib/testing';
import { isExact, isOver, readEnds, slowestAfterKill, type Ended } from '../runs/books.js';
import { Brakes, until } from '../runs/brakes.js';
import { Workflows, type Posted } from '../runs/caller.js';
import { Fleet } from '../runs/fleet.js';
import { POINTS, type Point } from '../runs/points.js';
import type { Stand } from '../runs/reach.js';
import { storm } from '../runs/storm.js';
import { Vendor } from '../runs/vendor.js';
import { startInstallation } from '../series/installation.js';
import { Bars, round, type Figures, type Outcome, type Proof } from '../proof.js';

const STORM = { runs: 200, kills: 12 };
const TRIAL = { runs: 24, kills: 2 };
/** 30 s of silence make a process dead, which is looked for every 5 s; then a run waits for its turn and takes its time. */
const SETTLED_WITHIN_MS = 60_000;

/** Issue "Runs", line 2. */
export const runs: Proof = {
  name: 'runs',
  shows: `kill -9 of one of two engines at ${POINTS.length} points in the life of a run and at ${STORM.kills} random times under ${STORM.runs} asynchronous runs: by the vendor's log none is lost and none is sent again after bytes left; each is settled or outcome_unknown within ${SETTLED_WITHIN_MS / 1_000} s, and the ledger is exact`,
  promises: {
    points: { is: POINTS.length },
    pointsThatEndedOtherwise: { is: 0 },
    randomKills: { is: STORM.kills },
    acknowledgedRuns: { atLeast: STORM.runs + POINTS.length },
    lost: { is: 0 },
    sentTwice: { is: 0 },
    executionsWithTwoRuns: { is: 0 },
    runsThatAKillMet: { atLeast: 20 },
    secondsUntilTheLastWasOver: { atMost: SETTLED_WITHIN_MS / 1_000 },
    succeededWithoutTheirAnswer: { is: 0 },
    receiptsThatDifferFromTheVendor: { is: 0 },
    outcomeUnknown: { atLeast: 8 },
    heldInTheEnd: { is: 0 },
    reservedInTheEnd: { is: 0 },
    countersThatDifferFromTheLedger: { is: 0 },
    promptsKeptInTheEnd: { is: 0 },
  },
  async run(tell, { isTrial }) {
    const scene = await startInstallation();
    try {
      await scene.startWorker();
      const workflows = await Workflows.furnish(scene);
      const vendor = new Vendor(scene.upstream);
      const fleet = await Fleet.of(scene, workflows);
      const stand = { scene, fleet, workflows, vendor, brakes: new Brakes(scene.db) };
      return await measure(stand, tell, isTrial ? TRIAL : STORM);
    } finally {
      await scene.stop();
    }
  },
};

async function measure(stand: Stand, tell: (line: string) => void, random: typeof STORM): Promise<Outcome> {
  const { scene, fleet, workflows } = stand;
  const killed: { point: Point; posted: Posted }[] = [];
  for (const point of POINTS) {
    await quiet(stand);
    tell(`kill -9: ${point.name}`);
    killed.push({ point, posted: await point.kill(stand) });
  }
  tell(`${random.runs} runs, and ${random.kills} kills at random times`);
  await storm(fleet, workflows, random);
  const ended = await allOver(stand, tell);

  const bars = new Bars();
  for (const { point, posted } of killed) {
    const end = ended.find(({ id }) => id === posted.id);
    const sent = stand.vendor.of(posted.id);
    const isSo = end?.status === point.ends && sent === point.sent;
    bars.hold(isSo, `${point.name}: ${end?.status ?? 'no row'}, sent ${sent} times`);
  }
  const otherwise = bars.faults.length;
  for (const one of ended.filter((run) => !isExact(run)))
    bars.hold(false, `the receipts of ${one.id} (${one.prompt}) differ: ${JSON.stringify(one)}`);
  for (const id of stand.vendor.sentTwice()) bars.hold(false, `${id} was sent twice`);
  const figures = {
    points: killed.length,
    pointsThatEndedOtherwise: otherwise,
    randomKills: fleet.kills.length - killed.length,
    ...endFigures(stand, ended),
    ...(await ledgerFigures(stand, bars)),
    promptsKeptInTheEnd: await count(scene, 'SELECT 1 FROM run_requests'),
  };
  return { faults: bars.faults, figures };
}

/** Waits until nothing goes on that may go on now; what a dead process had comes back later. */
function quiet({ scene, fleet }: Stand): Promise<void> {
  return until('nothing else goes on', async () => {
    const { rowCount } = await scene.db.query(
      `SELECT 1 FROM agent_runs WHERE status = 'queued' OR status = 'running' AND engine_id = ANY ($1)`,
      [fleet.engines.map(({ id }) => id)],
    );
    return rowCount === 0;
  });
}

/** Waits for the end of every run that was accepted, twice as long as promised at most. */
async function allOver({ scene, workflows }: Stand, tell: (line: string) => void): Promise<readonly Ended[]> {
  for (let waited = 0; ; waited += 500) {
    const ended = await readEnds(scene.db, workflows.posted);
    const left = ended.filter((run) => !isOver(run)).length;
    // What was reserved is charged by the sweep that ends the run, or by the next one.
    const held = await count(scene, 'SELECT 1 FROM quota_reservations WHERE charged_at IS NULL');
    if ((left === 0 && held === 0) || waited >= 2 * SETTLED_WITHIN_MS) return ended;
    if (waited % 10_000 === 0) tell(`${left} of ${ended.length} runs are not over yet`);
    await delay(500);
  }
}

function endFigures({ fleet, vendor }: Stand, ended: readonly Ended[]): Figures {
  const of = (status: string) => ended.filter((run) => run.status === status);
  return {
    acknowledgedRuns: ended.length,
    lost: ended.filter((run) => !isOver(run)).length,
    sentTwice: vendor.sentTwice().length,
    executionsWithTwoRuns: ended.length - new Set(ended.map(({ prompt }) => prompt)).size,
    runsThatAKillMet: fleet.kills.reduce((sum, kill) => sum + kill.runs.length, 0),
    secondsUntilTheLastWasOver: round(slowestAfterKill(fleet.kills, ended) / 1_000),
    succeeded: of('succeeded').length,
    succeededWithoutTheirAnswer: of('succeeded').filter(({ text }) => !text?.includes('four')).length,
    outcomeUnknown: of('outcome_unknown').length,
    cancelled: of('cancelled').length,
    failed: of('failed').length,
    receiptsThatDifferFromTheVendor: ended.filter((run) => !isExact(run)).length,
  };
}

async function ledgerFigures({ scene, workflows }: Stand, bars: Bars): Promise<Figures> {
  const books = await readBooks(scene.db, workflows.orgId);
  for (const { name, settled, ledger } of books)
    bars.hold(settled === ledger, `${name}: ${settled} settled, ${ledger} by receipts`);
  return {
    heldInTheEnd: await count(scene, 'SELECT 1 FROM quota_reservations WHERE charged_at IS NULL'),
    reservedInTheEnd: books.reduce((sum, { reserved }) => sum + reserved, 0),
    countersThatDifferFromTheLedger: books.filter(({ settled, ledger }) => settled !== ledger).length,
  };
}

async function count({ db }: Stand['scene'], sql: string): Promise<number> {
  return (await db.query(sql)).rowCount;
}
