import { Injectable } from '@nestjs/common';
import { type AgentRunAnswer, type AuditEntry, type ProblemDocument } from '#lib/contracts';
import { fromUuid, toUuid } from '#lib/kernel';
import { appendAuditPg, PgPool, signalRun, withTenantPg } from '#lib/persistence';
import type { UsageEntry } from '../metering/usage-entry.js';
import { settleRun } from '../quotas/settle.js';
import { wasGivenUp, type RunOwner } from '../agent-runs/agent-runs.store.js';
import { RUN_COLUMNS, type RunRow, type StoredResult } from '../agent-runs/run-row.js';
import { storable } from '../agent-runs/storable.js';
import type { KeptRequestRow } from '../run-queue/kept-request.js';
import { keepRequest } from '../run-queue/run-queue.store.js';
import { endAtRest } from './end-at-rest.js';

export interface PausedRun {
  answer: AgentRunAnswer;
  /** What it needs to go on. */
  request: KeptRequestRow;
  waitsMs: number;
  /** The receipts of this part, where it had reserved something. */
  calls: UsageEntry[] | null;
}

/** A run as it is found by whoever answers it. */
export interface FoundRun extends RunRow {
  /** It was to be answered before now. */
  is_late: boolean;
}

/** What an answer makes of a run; one without a `requiredAction` goes on. */
export interface Answered {
  result: StoredResult;
  audit?: AuditEntry;
}

const GO_ON = `, status = 'queued', engine_id = NULL, sent_at = NULL, waits_until = NULL, not_before = NULL,
  queued_at = clock_timestamp()`;

/** Runs that wait for their caller. */
@Injectable()
export class RunPausesStore {
  constructor(private readonly pool: PgPool) {}

  /**
   * Lets the run wait. `cancelled`: somebody asked to stop it before it could; nothing is written, and it is this process's to end.
   * `passed`: it is another process's by now, or was given up; of what was given up the use is put right.
   */
  pause(
    orgId: string,
    { answer, request, waitsMs, calls }: PausedRun,
    owner: RunOwner,
  ): Promise<'waits' | 'cancelled' | 'passed'> {
    const { id, status, error: _, retention: __, ...result } = answer;
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ waits: boolean }>(
        `UPDATE agent_runs SET status = CASE WHEN cancel_requested_at IS NULL THEN $2 ELSE status END,
           result = CASE WHEN cancel_requested_at IS NULL THEN $3::jsonb ELSE result END,
           waits_until = CASE WHEN cancel_requested_at IS NULL THEN clock_timestamp() + $6 * interval '1 millisecond' END
         WHERE id = $1 AND engine_id = $4 AND fence = $5 AND status = 'running'
         RETURNING cancel_requested_at IS NULL AS waits`,
        [toUuid(id), status, JSON.stringify(storable(result)), owner.engineId, owner.fence, waitsMs],
      );
      if (!rows[0]) {
        if (calls && (await wasGivenUp(tx, id, owner))) await settleRun(tx, id, calls);
        return 'passed';
      }
      if (!rows[0].waits) return 'cancelled';
      await keepRequest(tx, id, request);
      if (calls) await settleRun(tx, id, calls);
      return 'waits';
    });
  }

  /**
   * Changes a paused run by what `answer` makes of it: one that waits for nothing more waits for its turn then. null where there is no
   * such run. `answer` is given the run as it is, under a lock, and answers null to leave it so; what it throws leaves it so, too.
   */
  change(
    orgId: string,
    workspaceId: string,
    runId: string,
    answer: (found: FoundRun) => Answered | null,
  ): Promise<FoundRun | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<FoundRun>(
        `SELECT ${RUN_COLUMNS}, coalesce(waits_until <= clock_timestamp(), false) AS is_late
         FROM agent_runs WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE`,
        [toUuid(workspaceId), toUuid(runId)],
      );
      const [row] = rows;
      const answered = row && answer(row);
      if (!row || !answered) return row ?? null;
      const { result, audit } = answered;
      const goesOn = result.requiredAction === undefined;
      await tx.query(`UPDATE agent_runs SET result = $2 ${goesOn ? GO_ON : ''} WHERE id = $1`, [
        toUuid(runId),
        JSON.stringify(storable(result)),
      ]);
      if (goesOn) await signalRun(tx, { kind: 'queued', runId });
      if (audit) await appendAuditPg(tx, audit);
      return row;
    });
  }

  /** Runs that have waited for too long. */
  async expired(limit: number): Promise<{ orgId: string; runId: string }[]> {
    const { rows } = await this.pool.query<{ org_id: string; run_id: string }>(
      'SELECT org_id, run_id FROM lookup.expired_pauses($1)',
      [limit],
    );
    return rows.map(({ org_id, run_id }) => ({
      orgId: fromUuid('org', org_id),
      runId: fromUuid('run', run_id),
    }));
  }

  /** Ends one of them; somebody may have been faster. */
  expire(orgId: string, runId: string, error: ProblemDocument): Promise<void> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<Pick<RunRow, 'result'>>(
        `SELECT result FROM agent_runs
         WHERE id = $1 AND status = 'requires_action' AND waits_until <= clock_timestamp() FOR NO KEY UPDATE`,
        [toUuid(runId)],
      );
      if (rows[0]) await endAtRest(tx, runId, rows[0].result, { status: 'failed', error });
    });
  }
}
