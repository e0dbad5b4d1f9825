import { Inject, Injectable } from '@nestjs/common';
import { fromUuid, toUuid } from '#lib/kernel';
import { appendAuditPg, PgPool, signalRun, withTenantPg, type TenantPg } from '#lib/persistence';
import type { AuditEntry, RunStatus } from '#lib/contracts';
import { QuotaStore, type NewReservation } from '../quotas/quota.store.js';
import { releaseRun } from '../quotas/settle.js';
import type { StoredResult } from '../agent-runs/run-row.js';
import { endAtRest } from '../run-pauses/end-at-rest.js';
import { ENGINE_ID } from '../tokens.js';
import type { Claim } from './claim.js';
import type { KeptRequestRow } from './kept-request.js';

/** A claimed run as it was left. */
export interface ClaimedRun extends KeptRequestRow {
  principal_id: string;
  /** What was done of it before it waited for its caller; null: nothing yet. */
  result: StoredResult | null;
  /** Milliseconds since it was queued. */
  waited_ms: number;
  /** Somebody wants it stopped: it was asked before the claim could hear of it. */
  is_cancelled: boolean;
  /** The last event that was kept of it; 0: none. */
  last_event: number;
}

/** Who has as many of this process's slots as they may: none of their runs is claimed. */
export interface FullShares {
  orgIds: readonly string[];
  workspaceIds: readonly string[];
}

/** Who wants which run stopped. */
export interface CancelAsked extends Pick<AuditEntry, 'orgId' | 'actor' | 'requestId' | 'ip'> {
  workspaceId: string;
  runId: string;
}

interface ClaimRow {
  org_id: string;
  run_id: string;
  workspace_id: string;
  fence: number;
}

const NOBODY: FullShares = { orgIds: [], workspaceIds: [] };
const OWN = `id = $1 AND engine_id = $2 AND fence = $3 AND status = 'running'`;

/** The turns of queued runs. Whatever a claim does to its row, it does only while its fence is the newest. */
@Injectable()
export class RunQueueStore {
  constructor(
    private readonly pool: PgPool,
    private readonly quotas: QuotaStore,
    @Inject(ENGINE_ID) private readonly engineId: string,
  ) {}

  /** The next run whose turn it is, now this process's; null when none waits, or none may begin. */
  async claim(perWorkspace: number, full: FullShares = NOBODY): Promise<Claim | null> {
    const { rows } = await this.pool.query<ClaimRow>(
      'SELECT org_id, run_id, workspace_id, fence FROM lookup.claim_run($1, $2, $3, $4)',
      [this.engineId, perWorkspace, full.orgIds.map(toUuid), full.workspaceIds.map(toUuid)],
    );
    return rows.map(claimOf)[0] ?? null;
  }

  /** Claims of this process, so old and not marked: where it knows nothing of one, the answer to its claim was lost. */
  async unmarked(olderThanSeconds: number): Promise<Claim[]> {
    const { rows } = await this.pool.query<ClaimRow>(
      'SELECT org_id, run_id, workspace_id, fence FROM lookup.unmarked_claims($1, $2)',
      [this.engineId, olderThanSeconds],
    );
    return rows.map(claimOf);
  }

  /** What the run was asked; null when it is not ours any more, or over. */
  load({ orgId, runId, fence }: Claim): Promise<ClaimedRun | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<ClaimedRun>(
        `SELECT r.principal_id, r.result, q.principal_kind, q.principal_hash, q.request, r.cancel_requested_at IS NOT NULL AS is_cancelled,
           (extract(epoch FROM clock_timestamp() - r.queued_at) * 1000)::float8 AS waited_ms,
           (SELECT coalesce(max(e.last_id), 0) FROM run_events e WHERE e.run_id = r.id) AS last_event
         FROM agent_runs r JOIN run_requests q ON q.org_id = r.org_id AND q.run_id = r.id
         WHERE r.id = $1 AND r.engine_id = $2 AND r.fence = $3 AND r.status = 'running'`,
        [toUuid(runId), this.engineId, fence],
      );
      return rows[0] ?? null;
    });
  }

  /**
   * Reserves what the run needs of its quotas; what an earlier claim held and never used is given back first. False: the run is not
   * ours any more. Throws `quota_exceeded`, `budget_exceeded`.
   */
  reserve({ orgId, runId, fence }: Claim, reservation: NewReservation | null): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const held = await tx.query(`SELECT 1 FROM agent_runs WHERE ${OWN} FOR NO KEY UPDATE`, [
        toUuid(runId),
        this.engineId,
        fence,
      ]);
      if (held.rowCount === 0) return false;
      await releaseRun(tx, runId);
      if (reservation) await this.quotas.reserve(tx, reservation);
      return true;
    });
  }

  /** Puts on record that bytes may leave from now on. False: the run is not ours any more, and nothing may leave. */
  mark(claim: Claim): Promise<boolean> {
    return this.#own(claim, 'sent_at = clock_timestamp()', '');
  }

  /** Gives the run back, and what it held: of this claim nothing has left. False: it is not ours any more, or its mark is set after all. */
  putBack(claim: Claim, afterMs: number): Promise<boolean> {
    return this.#own(
      claim,
      `status = 'queued', engine_id = NULL, not_before = clock_timestamp() + $4 * interval '1 millisecond'`,
      'AND sent_at IS NULL',
      [afterMs],
      async (tx) => {
        await releaseRun(tx, claim.runId);
        await signalRun(tx, { kind: 'queued', runId: claim.runId });
      },
    );
  }

  /** The runs of this process that somebody asked to stop, whichever process they asked. */
  async toCancel(): Promise<string[]> {
    const { rows } = await this.pool.query<{ run_id: string }>(
      'SELECT run_id FROM lookup.runs_to_cancel($1)',
      [this.engineId],
    );
    return rows.map(({ run_id }) => fromUuid('run', run_id));
  }

  /**
   * Asks whichever process has the run to stop it; one that waits is over at once. Who asked first is on record with it, without
   * a word of what the run was about.
   */
  requestCancel({ orgId, workspaceId, runId, ...who }: CancelAsked): Promise<void> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ status: RunStatus; result: StoredResult | null; is_asked: boolean }>(
        `SELECT status, result, cancel_requested_at IS NOT NULL AS is_asked FROM agent_runs
         WHERE workspace_id = $1 AND id = $2 AND status IN ('queued', 'running', 'requires_action') FOR NO KEY UPDATE`,
        [toUuid(workspaceId), toUuid(runId)],
      );
      const [found] = rows;
      if (!found) return;
      const { status, result, is_asked: isAsked } = found;
      await tx.query('UPDATE agent_runs SET cancel_requested_at = clock_timestamp() WHERE id = $1', [
        toUuid(runId),
      ]);
      if (status !== 'running') await endAtRest(tx, runId, result, { status: 'cancelled', error: null });
      await signalRun(tx, { kind: 'cancel', runId });
      if (isAsked) return;
      const action = 'agentRuns:CancelAgentRun';
      await appendAuditPg(tx, { ...who, orgId, action, target: runId, change: { workspaceId, status } });
    });
  }

  async #own(
    { orgId, runId, fence }: Claim,
    set: string,
    where: string,
    values: unknown[] = [],
    also: (tx: TenantPg) => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rowCount } = await tx.query(`UPDATE agent_runs SET ${set} WHERE ${OWN} ${where}`, [
        toUuid(runId),
        this.engineId,
        fence,
        ...values,
      ]);
      if (rowCount === 1) await also(tx);
      return rowCount === 1;
    });
  }
}

function claimOf({ org_id, run_id, workspace_id, fence }: ClaimRow): Claim {
  return {
    orgId: fromUuid('org', org_id),
    workspaceId: fromUuid('ws', workspace_id),
    runId: fromUuid('run', run_id),
    fence,
  };
}

/** Writes what a run needs to go on, in the transaction that lets it wait, and wakes the dispatchers. */
export async function keepRequest(tx: TenantPg, runId: string, row: KeptRequestRow): Promise<void> {
  await tx.query(
    `INSERT INTO run_requests (org_id, run_id, principal_kind, principal_hash, request) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (org_id, run_id) DO UPDATE SET request = excluded.request, principal_kind = excluded.principal_kind,
       principal_hash = excluded.principal_hash`,
    [toUuid(tx.orgId), toUuid(runId), row.principal_kind, row.principal_hash, row.request],
  );
  await signalRun(tx, { kind: 'queued', runId });
}
