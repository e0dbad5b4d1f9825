import { setTimeout as delay } from 'node:timers/promises';
import { toUuid } from '#lib/kernel';
import { QuotaWatch, readBooks } from '#lib/testing';
import { race, type Race } from '../budgets/race.js';
import { startInstallation, type Installation } from '../series/installation.js';
import { Person } from '../series/people.js';
import { Bars, round, type Figures, type Outcome, type Proof } from '../proof.js';

const STREAMS = 500;
/** One process of two ends by kill -9 when so many have ended; another one takes its place. */
const KILLED_AFTER = 200;
/** A dead process is given up after 30 s, at a beat of 5 s. */
const SWEPT_WITHIN_MS = 60_000;
const BUDGET = { window: 'month', mode: 'enforce' };

/** Issue "Which key, which model, how much", line 5. */
export const budgets: Proof = {
  name: 'budgets',
  shows: `${STREAMS} streams over two engines race three scopes, one in ten is cut off and one engine ends by kill -9: reserved + settled never over a cap, nothing held after the sweep, the ledger equals the counters`,
  promises: {
    streams: { is: STREAMS },
    cutOff: { atLeast: STREAMS / 10 },
    enginesKilled: { is: 1 },
    refusedForWantOfRoom: { atLeast: 20 },
    looksAtTheCounters: { atLeast: 500 },
    sightsOverACap: { is: 0 },
    heldAfterTheSweep: { is: 0 },
    reservedAfterTheSweep: { is: 0 },
    receiptsOfUnknownUse: { atLeast: 1 },
    scopes: { is: 3 },
    countersThatDifferFromTheLedger: { is: 0 },
  },
  async run(tell) {
    const scene = await startInstallation();
    try {
      return await measure(scene, tell);
    } finally {
      await scene.stop();
    }
  },
};

async function measure(scene: Installation, tell: (line: string) => void): Promise<Outcome> {
  const { db, engines } = scene;
  const owner = await Person.signUp(scene.api.url, 'owner@prove.test');
  const caller = await furnish(scene, owner);
  const watch = new QuotaWatch(db, owner.orgId);
  const urls = engines.map(({ url }) => url);
  let kills = 0;
  const kill = async (): Promise<void> => {
    kills += 1;
    tell('kill -9 of one engine, in the middle');
    engines[1]!.kill();
    urls.splice(1, 1);
    await engines[1]!.ended;
    urls.push((await scene.startEngine()).url);
  };
  const raced = await race({ ...caller, urls, streams: STREAMS, killedAfter: KILLED_AFTER, kill });
  tell(`${raced.ended.length} streams have ended: ${wordsOf(raced)}`);
  const heldAfterTheSweep = await swept(scene, owner.orgId);
  await watch.stop();
  return judged(scene, owner.orgId, { raced, watch, kills, heldAfterTheSweep });
}

async function furnish({ upstream }: Installation, owner: Person) {
  const { id: workspaceId } = await owner.make('/workspaces', { name: 'Race' });
  const settings = {
    provider: 'openai',
    secret: 'sk-prove-000001-0123456789abcdef',
    baseUrl: upstream.baseUrls.openai,
  };
  const { id: keyId } = await owner.make('/ai-providers', { name: 'Race', ...settings });
  await owner.ok('PUT', `/workspaces/${workspaceId}/ai-providers`, {
    assignments: [{ aiProviderId: keyId }],
  });
  const { id: tokenId, token } = await owner.make('/tokens', { name: 'Race', kind: 'engine' });
  const scopes = [
    { name: 'organization', scope: { type: 'organization' }, metric: 'cost_micro_usd', max: 18_000 },
    { name: 'workspace', scope: { type: 'workspace', id: workspaceId }, metric: 'total_tokens', max: 40_000 },
    { name: 'token', scope: { type: 'token', id: tokenId }, metric: 'runs', max: 420 },
  ];
  for (const scope of scopes) await owner.make('/quotas', { ...BUDGET, ...scope });
  upstream.respond(() => ({
    text: ['one ', 'two ', 'three ', 'four '],
    pieceDelayMs: 20,
    usage: { input: between(5, 60), output: between(5, 60) },
  }));
  return { workspaceId, headers: { authorization: `Bearer ${token}` } };
}

/** Waits for what the living settle and the sweep of what the dead left. Answers how much is held still. */
async function swept({ db }: Installation, orgId: string): Promise<number> {
  for (let waited = 0; ; waited += 500) {
    const { rows } = await db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM quota_reservations WHERE org_id = $1 AND charged_at IS NULL',
      [toUuid(orgId)],
    );
    const held = rows[0]?.n ?? 0;
    if (held === 0 || waited >= SWEPT_WITHIN_MS) return held;
    await delay(500);
  }
}

interface Seen {
  raced: Race;
  watch: QuotaWatch;
  kills: number;
  heldAfterTheSweep: number;
}

async function judged({ db }: Installation, orgId: string, seen: Seen): Promise<Outcome> {
  const { raced, watch, kills, heldAfterTheSweep } = seen;
  const bars = new Bars();
  for (const fault of watch.faults.slice(0, 20)) bars.hold(false, fault);
  const books = await readBooks(db, orgId);
  for (const { name, settled, ledger } of books)
    bars.hold(settled === ledger, `${name}: ${settled} settled, ${ledger} by receipts`);
  const { rows } = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM usage_records WHERE org_id = $1 AND outcome = 'unknown'`,
    [toUuid(orgId)],
  );
  const figures: Figures = {
    streams: raced.ended.length,
    finished: count(raced, 'run.finished'),
    cutOff: raced.cut,
    enginesKilled: kills,
    lostWithTheirEngine: count(raced, 'lost'),
    refusedForWantOfRoom: count(raced, 'quota_exceeded') + count(raced, 'budget_exceeded'),
    looksAtTheCounters: watch.looks,
    sightsOverACap: watch.faults.length,
    heldAfterTheSweep,
    reservedAfterTheSweep: books.reduce((sum, { reserved }) => sum + reserved, 0),
    receiptsOfUnknownUse: rows[0]?.n ?? 0,
    scopes: books.length,
    countersThatDifferFromTheLedger: books.filter(({ settled, ledger }) => settled !== ledger).length,
  };
  for (const { name, max } of books)
    figures[`${name}HighestShareOfTheCap`] = round((watch.highest.get(name) ?? 0) / max, 3);
  return { faults: bars.faults, figures };
}

function count({ ended }: Race, end: string): number {
  return ended.filter((one) => one === end).length;
}

function wordsOf(raced: Race): string {
  return [...new Set(raced.ended)].map((end) => `${count(raced, end)} ${end}`).join(', ');
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}
