import { until } from './brakes.js';
import type { Posted } from './caller.js';
import {
  answerLost,
  atItsEnd,
  atItsRow,
  claimed,
  hasSaid,
  hasStatus,
  isCancelling,
  killItsEngine,
  post,
  sent,
  type Stand,
} from './reach.js';

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
const PAUSES = 'UPDATE agent_runs SET status = CASE WHEN cancel_requested_at';

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
      const posting = post(stand, 'late');
      await answerLost(stand.scene, 'SET status = $2, result = $3, error', async () =>
        killItsEngine(stand, await posting),
      );
      return posting;
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
        await until('the cancelling is on record', () => isCancelling(stand, posted));
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
      const engineId = await claimed(stand, posted);
      await until('the tool is called', () => stand.scene.tool.open() > 0);
      await stand.fleet.kill(engineId);
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
