import { toUuid } from '#lib/kernel';
import type { Installation } from '../series/installation.js';
import { Brakes, until } from './brakes.js';
import type { Posted, Workflows } from './caller.js';
import type { Fleet } from './fleet.js';
import type { Vendor } from './vendor.js';

/** What the points are reached with. */
export interface Stand {
  scene: Installation;
  fleet: Fleet;
  workflows: Workflows;
  vendor: Vendor;
  brakes: Brakes;
}

/** A moment in the life of a run in which the engine process that has it is killed. */
export interface Point {
  name: string;
  /** How such a run ends: nothing was sent → it is run by another; something may have been → nobody sends it again. */
  ends: 'succeeded' | 'outcome_unknown' | 'cancelled';
  /** Requests that the vendor gets of it, the other process's included. */
  sent: number;
  /** Brings a run there, and kills the process. Answers the run. */
  kill(stand: Stand): Promise<Posted>;
}

const RESERVES = 'SELECT 1 FROM agent_runs WHERE .* FOR NO KEY UPDATE';
const MARKS = 'UPDATE agent_runs SET sent_at';
const ENDS = 'UPDATE agent_runs SET status = \\$2, result = \\$3, error';
const PAUSES = 'UPDATE agent_runs SET status = \\$2, result = \\$3, waits_until';

/** In the order of a run's life; first those of which an answer gets lost, as long as no other run may come back meanwhile. */
export const POINTS: readonly Point[] = [
  {
    ...{ name: 'while it is written down', ends: 'succeeded', sent: 1 },
    kill: async ({ fleet, workflows, brakes }) => {
      const [engine, prompt] = [fleet.any, workflows.prompt('quick')];
      await brakes.withoutAccepting(async (brake) => {
        const posting = workflows.post(engine.url, prompt).catch(() => null);
        await brake.holds('INSERT INTO run_requests');
        await fleet.kill(engine.id);
        await posting;
      });
      return workflows.post(fleet.any.url, prompt);
    },
  },
  {
    ...{ name: 'written down, and nobody was told', ends: 'succeeded', sent: 1 },
    kill: async ({ scene, fleet, workflows, brakes }) => {
      const [engine, prompt] = [fleet.any, workflows.prompt('quick')];
      await brakes.withoutTurns(workflows.workspaceId, async () => {
        const posting = workflows.post(engine.url, prompt).catch(() => null);
        await answerLost(scene, 'INSERT INTO agent_runs', () => fleet.kill(engine.id));
        await posting;
      });
      return workflows.post(fleet.any.url, prompt);
    },
  },
  {
    ...{ name: 'waiting for its turn', ends: 'succeeded', sent: 1 },
    kill: ({ fleet, workflows, brakes }) =>
      brakes.withoutTurns(workflows.workspaceId, async () => {
        const engine = fleet.any;
        const posted = await workflows.post(engine.url, workflows.prompt('stream'));
        await fleet.kill(engine.id);
        return posted;
      }),
  },
  {
    ...{ name: 'marked, before a byte leaves', ends: 'outcome_unknown', sent: 0 },
    kill: async (stand) => {
      const posting = post(stand, 'quick');
      await answerLost(stand.scene, 'sent_at = clock_timestamp()', async () =>
        killItsEngine(stand, await posting),
      );
      return posting;
    },
  },
  {
    ...{ name: 'settled and written, and nobody was told', ends: 'succeeded', sent: 1 },
    kill: async (stand) => {
      const posted = await post(stand, 'late');
      const engineId = await claimed(stand, posted);
      await answerLost(stand.scene, 'SET status = $2, result = $3, error', () => stand.fleet.kill(engineId));
      return posted;
    },
  },
  {
    ...{ name: 'claimed, before it is read', ends: 'succeeded', sent: 1 },
    kill: (stand) =>
      stand.brakes.withoutReading(async () => {
        const posted = await post(stand, 'quick');
        await claimed(stand, posted);
        await killItsEngine(stand, posted);
        return posted;
      }),
  },
  {
    ...{ name: 'claimed, cancelled through the other process', ends: 'cancelled', sent: 0 },
    kill: (stand) =>
      stand.brakes.withoutReading(async () => {
        const posted = await post(stand, 'quick');
        const engineId = await claimed(stand, posted);
        const cancelled = stand.workflows.cancel(stand.fleet.besides(engineId).url, posted.id);
        await until('the cancelling is on record', () => isSet(stand, posted, 'cancel_requested_at'));
        await stand.fleet.kill(engineId);
        await cancelled;
        return posted;
      }),
  },
  {
    ...{ name: 'as its budget is reserved', ends: 'succeeded', sent: 1 },
    kill: (stand) => atItsRow(stand, 'quick', RESERVES),
  },
  {
    ...{ name: 'budget reserved, before its mark', ends: 'succeeded', sent: 1 },
    kill: (stand) => atItsRow(stand, 'quick', RESERVES, MARKS),
  },
  {
    ...{ name: 'sent, before the head of the answer', ends: 'outcome_unknown', sent: 1 },
    kill: async (stand) => {
      const posted = await post(stand, 'no-head');
      await sent(stand, posted, 1);
      await killItsEngine(stand, posted);
      return posted;
    },
  },
  {
    ...{ name: 'in the middle of the stream', ends: 'outcome_unknown', sent: 1 },
    kill: async (stand) => {
      const posted = await post(stand, 'no-end');
      await until('something was said', () => hasSaid(stand, posted));
      await killItsEngine(stand, posted);
      return posted;
    },
  },
  {
    ...{ name: 'while it is asked again after a 429', ends: 'outcome_unknown', sent: 1 },
    kill: async (stand) => {
      const posted = await post(stand, 'limited');
      await sent(stand, posted, 1);
      const turnedAway = () => stand.scene.upstream.journal.some(({ status }) => status === 429);
      await until('the vendor has turned it away', turnedAway);
      await killItsEngine(stand, posted);
      return posted;
    },
  },
  {
    ...{ name: 'during a call of a tool', ends: 'outcome_unknown', sent: 1 },
    kill: async (stand) => {
      const posted = await post(stand, 'tool');
      await sent(stand, posted, 1);
      await until('the tool is called', () => stand.scene.tool.open() > 0);
      await killItsEngine(stand, posted);
      return posted;
    },
  },
  {
    ...{ name: 'as it is paused', ends: 'outcome_unknown', sent: 1 },
    kill: (stand) => atItsEnd(stand, 'ask', PAUSES),
  },
  {
    ...{ name: 'paused', ends: 'succeeded', sent: 2 },
    kill: async (stand) => {
      const { fleet, workflows, scene } = stand;
      const posted = await post(stand, 'ask');
      await until('the run waits', () => hasStatus(stand, posted, 'requires_action'));
      const engineId = await fleet.engineOf(posted.id);
      await fleet.kill(engineId);
      await workflows.bring(scene.db, fleet.any.url, posted.id);
      return posted;
    },
  },
  {
    ...{ name: 'the last byte is there, before its end is written', ends: 'outcome_unknown', sent: 1 },
    kill: (stand) => atItsEnd(stand, 'late', ENDS),
  },
];

function post({ fleet, workflows }: Stand, kind: string): Promise<Posted> {
  return workflows.post(fleet.any.url, workflows.prompt(kind));
}

async function killItsEngine({ fleet }: Stand, { id }: Posted): Promise<void> {
  await fleet.kill(await fleet.engineOf(id));
}

/** `work` is done once such a transaction is committed of which its process hears nothing. */
async function answerLost({ proxy }: Installation, statement: string, work: () => Promise<void>) {
  proxy.heldBack = statement;
  await until(`an answer to ${statement} is held back`, () => proxy.holding > 0);
  proxy.heldBack = null;
  await work();
}

/** Stops the process at the first of these statements that it makes of the run's row, or at the second, and kills it there. */
function atItsRow(stand: Stand, kind: string, first: string, second?: string): Promise<Posted> {
  const { brakes } = stand;
  return brakes.withoutReading(async (reading) => {
    const posted = await post(stand, kind);
    await claimed(stand, posted);
    await brakes.withRow(posted.id, async (row) => {
      await reading.letGo();
      await row.holds(first);
      if (second === undefined) return killItsEngine(stand, posted);
      // In line behind the first statement: the second one stands behind us.
      const behind = brakes.withRow(posted.id, async (again) => {
        await again.holds(second);
        await killItsEngine(stand, posted);
      });
      await brakes.standsInLine();
      await row.letGo();
      await behind;
    });
    return posted;
  });
}

/** Stops the process at the statement by which it writes what came of the run, and kills it there. */
async function atItsEnd(stand: Stand, kind: string, statement: string): Promise<Posted> {
  const posted = await post(stand, kind);
  await sent(stand, posted, 1);
  await stand.brakes.withRow(posted.id, async (row) => {
    await row.holds(statement);
    await killItsEngine(stand, posted);
  });
  return posted;
}

function sent({ vendor }: Stand, { id }: Posted, times: number): Promise<void> {
  return until(`${times} sent`, () => vendor.of(id) >= times);
}

/** Answers which process has the run, once one has. */
async function claimed(stand: Stand, posted: Posted): Promise<string> {
  await until('it is claimed', () => hasStatus(stand, posted, 'running'));
  return stand.fleet.engineOf(posted.id);
}

async function hasStatus({ scene }: Stand, { id }: Posted, status: string): Promise<boolean> {
  const { rowCount } = await scene.db.query('SELECT 1 FROM agent_runs WHERE id = $1 AND status = $2', [
    ...[toUuid(id), status],
  ]);
  return rowCount === 1;
}

async function isSet({ scene }: Stand, { id }: Posted, column: 'cancel_requested_at'): Promise<boolean> {
  const { rowCount } = await scene.db.query(
    `SELECT 1 FROM agent_runs WHERE id = $1 AND ${column} IS NOT NULL`,
    [toUuid(id)],
  );
  return rowCount === 1;
}

async function hasSaid({ scene }: Stand, { id }: Posted): Promise<boolean> {
  const { rowCount } = await scene.db.query(
    `SELECT 1 FROM run_events WHERE run_id = $1 AND events LIKE '%text.delta%'`,
    [toUuid(id)],
  );
  return rowCount > 0;
}
