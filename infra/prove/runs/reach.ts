import { toUuid } from '#lib/kernel';
import type { Installation } from '../series/installation.js';
import { until, type Brakes } from './brakes.js';
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

export function post({ fleet, workflows }: Stand, kind: string): Promise<Posted> {
  return workflows.post(fleet.any.url, workflows.prompt(kind));
}

export async function killItsEngine({ fleet }: Stand, { id }: Posted): Promise<void> {
  await fleet.kill(await fleet.engineOf(id));
}

/** `work` is done once such a transaction is committed of which its process hears nothing. */
export async function answerLost({ proxy }: Installation, statement: string, work: () => Promise<void>) {
  proxy.heldBack = statement;
  await until(`an answer to ${statement} is held back`, () => proxy.holding > 0);
  proxy.heldBack = null;
  await work();
}

/** Stops the process at the first of these statements that it makes of the run's row, or at the second, and kills it there. */
export function atItsRow(stand: Stand, kind: string, first: string, second?: string): Promise<Posted> {
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
export async function atItsEnd(stand: Stand, kind: string, statement: string): Promise<Posted> {
  const posted = await post(stand, kind);
  await sent(stand, posted, 1);
  await stand.brakes.withRow(posted.id, async (row) => {
    await row.holds(statement);
    await killItsEngine(stand, posted);
  });
  return posted;
}

export function sent({ vendor }: Stand, { id }: Posted, times: number): Promise<void> {
  return until(`${times} sent`, () => vendor.of(id) >= times);
}

/** Answers which process has the run, once one has. */
export async function claimed(stand: Stand, posted: Posted): Promise<string> {
  await until('it is claimed', () => hasStatus(stand, posted, 'running'));
  return stand.fleet.engineOf(posted.id);
}

export async function hasStatus({ scene }: Stand, { id }: Posted, status: string): Promise<boolean> {
  const { rowCount } = await scene.db.query('SELECT 1 FROM agent_runs WHERE id = $1 AND status = $2', [
    ...[toUuid(id), status],
  ]);
  return rowCount === 1;
}

export async function isCancelling({ scene }: Stand, { id }: Posted): Promise<boolean> {
  const { rowCount } = await scene.db.query(
    'SELECT 1 FROM agent_runs WHERE id = $1 AND cancel_requested_at IS NOT NULL',
    [toUuid(id)],
  );
  return rowCount === 1;
}

export async function hasSaid({ scene }: Stand, { id }: Posted): Promise<boolean> {
  const { rowCount } = await scene.db.query(
    `SELECT 1 FROM run_events WHERE run_id = $1 AND events LIKE '%text.delta%'`,
    [toUuid(id)],
  );
  return rowCount > 0;
}
