import { Injectable } from '@nestjs/common';
import { toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import type { RunEvent, RunHandle } from '../agent-runs/run-handle.js';
import { isOver, RUN_COLUMNS, type RunRow } from '../agent-runs/run-row.js';

/** A look at a run from outside the process that has it. */
export interface Sight {
  row: RunRow;
  /** Those that are kept, after the one asked for. */
  events: RunEvent[];
  /** Of a run that is over, the last one that is kept, heard or not. */
  last: RunEvent | null;
}

const BATCHES = 50;
/** How old the note that somebody listens may become before it is written anew, in milliseconds: well below what a run waits for listeners. */
const HEARD_MS = 2_000;

/** What runs said, in batches. Kept as text: an event that is read again is the one that was told, to the byte. */
@Injectable()
export class RunEventsStore {
  constructor(private readonly pool: PgPool) {}

  /**
   * Keeps a batch, as long as the run is the writer's: a newer claim tells its own. What was said before a pause comes before all that
   * a claim can say, however fast somebody answered. A batch that is there already stays as it is. An end that erases what was said
   * comes before the row is looked at here, or after the batch is there.
   */
  append(
    { id, facts, answer }: Pick<RunHandle, 'id' | 'facts' | 'answer'>,
    events: readonly RunEvent[],
  ): Promise<void> {
    const [first, last] = [events[0], events.at(-1)];
    if (!first || !last) return Promise.resolve();
    const fence = answer?.status === 'requires_action' ? null : facts.fence;
    return withTenantPg(this.pool, facts.orgId, async (tx) => {
      await tx.query(
        `INSERT INTO run_events (org_id, run_id, first_id, last_id, events)
         SELECT org_id, id, $3, $4, $5 FROM agent_runs
         WHERE id = $1 AND ($2::int IS NULL OR fence = $2) AND retention = 'full' FOR SHARE
         ON CONFLICT DO NOTHING`,
        [toUuid(id), fence, first.id, last.id, JSON.stringify(events)],
      );
    });
  }

  /** The run and what it said since; null when there is none. Notes that somebody listens, where `isListening`. */
  since(
    orgId: string,
    workspaceId: string,
    runId: string,
    after: number,
    isListening: boolean,
  ): Promise<Sight | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      // The row first: what it says of an end must not be older than the events that are read after it.
      const { rows } = await tx.query<RunRow & { is_heard: boolean }>(
        `SELECT ${RUN_COLUMNS}, coalesce(listened_at > clock_timestamp() - $3 * interval '1 millisecond', false) AS is_heard
         FROM agent_runs WHERE workspace_id = $1 AND id = $2`,
        [toUuid(workspaceId), toUuid(runId), HEARD_MS],
      );
      const [row] = rows;
      if (!row) return null;
      if (isListening && row.status === 'running' && !row.is_heard)
        await tx.query(
          `UPDATE agent_runs SET listened_at = clock_timestamp() WHERE id = $1 AND status = 'running'`,
          [toUuid(runId)],
        );
      const kept = await tx.query<{ events: string }>(
        'SELECT events FROM run_events WHERE run_id = $1 AND last_id > $2 ORDER BY first_id LIMIT $3',
        [toUuid(runId), after, BATCHES],
      );
      const events = kept.rows
        .flatMap((batch) => JSON.parse(batch.events) as RunEvent[])
        .filter(({ id }) => id > after);
      return { row, events, last: isOver(row.status) ? await lastKept(tx, runId) : null };
    });
  }

  /** Whether anybody listened to the run within so many milliseconds, through whichever process. */
  async heardWithin(orgId: string, runId: string, ms: number): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rowCount } = await tx.query(
        `SELECT 1 FROM agent_runs WHERE id = $1 AND listened_at > clock_timestamp() - $2 * interval '1 millisecond'`,
        [toUuid(runId), ms],
      );
      return rowCount === 1;
    });
  }
}

async function lastKept(tx: TenantPg, runId: string): Promise<RunEvent | null> {
  const { rows } = await tx.query<{ events: string }>(
    'SELECT events FROM run_events WHERE run_id = $1 ORDER BY first_id DESC LIMIT 1',
    [toUuid(runId)],
  );
  return rows[0] ? ((JSON.parse(rows[0].events) as RunEvent[]).at(-1) ?? null) : null;
}
