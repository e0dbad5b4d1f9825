import { Injectable } from '@nestjs/common';
import { notFound, type AgentRunAnswer, type RetentionLevel, type RunStatus } from '#lib/contracts';
import { isId, toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import type { UsageEntry } from '../metering/usage-entry.js';
import type { AgentSpec } from '../pipeline/agent-spec.js';
import { settleRun } from '../quotas/settle.js';
import { storable } from './storable.js';
import { eraseBelow, keptRun, strictestNow } from './kept-run.js';
import type { NewRun } from './new-run.js';
import { beyondHistory, countExecution } from './plan-counts.js';
import { RUN_COLUMNS, type RunRow } from './run-row.js';

export interface RunFilter {
  status?: RunStatus;
  nodeExecutionId?: string;
  workflowId?: string;
  /** The model that served. */
  model?: string;
  /** First and last day (UTC, YYYY-MM-DD) of its start. */
  from?: string;
  to?: string;
  /** The id (UUID) after which to go on, newest first. */
  after?: string;
  limit: number;
}

/** Which process has a run, and by which claim; 0 where it was never queued. */
export interface RunOwner {
  engineId: string;
  fence: number;
}

/** The end of a run, by whoever ran it. */
export interface RunEnd {
  answer: AgentRunAnswer;
  /** How much of it may be kept, as far as its process knows. */
  level: RetentionLevel;
  /** The receipts of one that had reserved something. */
  calls: UsageEntry[] | null;
}

/** The rows of `agent_runs`, each statement inside its tenant. */
@Injectable()
export class AgentRunsStore {
  constructor(private readonly pool: PgPool) {}

  /**
   * Takes the node execution for `run`, and one execution of the month's limit (null: unlimited), in one transaction with what `also`
   * does. Answers the row that has it already, when there is one: nothing is counted then. Another post of the node execution waits
   * here until it is decided, so `admit` may take what only one of them may have. Throws `plan_limit_reached`, and what
   * `admit` and `also` throw, and not_found for a callback that is no webhook of the organization's for this workspace. A run without an engine waits for its turn.
   */
  begin(
    orgId: string,
    run: NewRun,
    { month, max }: { month: string; max: number | null },
    also: (tx: TenantPg) => Promise<void>,
    admit: () => Promise<void> = () => Promise.resolve(),
  ): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const inserted = await tx.query(
        `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, user_id, workflow_id,
           workflow_version, engine_id, tools, surface, max_output_tokens, retention, callback_webhook_id, asked,
           status, queued_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
           CASE WHEN $10::uuid IS NULL THEN 'queued' ELSE 'running' END,
           CASE WHEN $10::uuid IS NULL THEN clock_timestamp() END)
         ON CONFLICT (org_id, workspace_id, node_execution_id) DO NOTHING RETURNING id`,
        [
          toUuid(orgId),
          toUuid(run.id),
          toUuid(run.workspaceId),
          run.nodeExecutionId,
          run.requestHash,
          run.principalId,
          run.userId,
          run.workflowId,
          run.workflowVersion,
          run.engineId,
          run.tools && JSON.stringify(storable(run.tools)),
          storable(run.surface),
          run.maxOutputTokens,
          run.retention,
          await callbackOf(tx, run),
          run.asked,
        ],
      );
      if (inserted.rowCount === 0) return this.#byNode(tx, run.workspaceId, run.nodeExecutionId);
      // First: a counter that many runs share is not locked while rates are asked for.
      await admit();
      await countExecution(tx, orgId, month, max);
      // Last: the counters of quotas are locked for the length of the commit only.
      await also(tx);
      return null;
    });
  }

  /** The run of a node execution; null when there is none. */
  findByNode(orgId: string, workspaceId: string, nodeExecutionId: string): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, (tx) => this.#byNode(tx, workspaceId, nodeExecutionId));
  }

  /** The run with this id; null when there is none. Throws `plan_limit_reached` for one older than the plan's history. */
  find(orgId: string, workspaceId: string, id: string): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<RunRow & { too_old: boolean }>(
        `SELECT ${RUN_COLUMNS}, started_at < lookup.history_from(now()) AS too_old FROM agent_runs
         WHERE workspace_id = $1 AND id = $2`,
        [toUuid(workspaceId), toUuid(id)],
      );
      if (rows[0]?.too_old) throw beyondHistory();
      return rows[0] ?? null;
    });
  }

  /** What the run was asked, where that is kept. */
  asked(orgId: string, workspaceId: string, id: string): Promise<AgentSpec | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<{ asked: AgentSpec | null }>(
        'SELECT asked FROM agent_runs WHERE workspace_id = $1 AND id = $2',
        [toUuid(workspaceId), toUuid(id)],
      );
      return rows[0]?.asked ?? null;
    });
  }

  /** Up to `limit + 1` rows, newest first, as far back as the plan's history goes. */
  list(orgId: string, workspaceId: string, filter: RunFilter): Promise<RunRow[]> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<RunRow>(
        `SELECT ${RUN_COLUMNS} FROM agent_runs
         WHERE workspace_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR node_execution_id = $3)
           AND ($4::text IS NULL OR workflow_id = $4) AND ($5::uuid IS NULL OR id < $5)
           AND ($7::text IS NULL OR result->'served'->>'model' = $7)
           AND ($8::date IS NULL OR started_at >= $8::date::timestamp AT TIME ZONE 'UTC')
           AND ($9::date IS NULL OR started_at < ($9::date + 1)::timestamp AT TIME ZONE 'UTC')
           AND started_at >= lookup.history_from(now())
         ORDER BY id DESC LIMIT $6`,
        [
          toUuid(workspaceId),
          filter.status ?? null,
          filter.nodeExecutionId ?? null,
          filter.workflowId ?? null,
          filter.after ?? null,
          filter.limit + 1,
          filter.model ?? null,
          filter.from ?? null,
          filter.to ?? null,
        ],
      );
      return rows;
    });
  }

  /**
   * Writes a run's end, with its receipts; what it was asked goes, and what it said where not all of it may be kept. A run that was
   * queued lives longer than what its process remembers of policies: they are asked again. False: the run is another process's by now,
   * or was given up meanwhile. Then it stays so, and only its use is put right.
   */
  finish(orgId: string, { answer, level, calls }: RunEnd, owner: RunOwner): Promise<boolean> {
    const id = toUuid(answer.id);
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { status, result, error, retention } = keptRun(
        answer,
        owner.fence > 0 ? await strictestNow(tx, answer.id, level) : level,
      );
      const { rowCount } = await tx.query(
        `UPDATE agent_runs SET status = $2, result = $3, error = $4, retention = $6, finished_at = now(),
           tools = CASE $6 WHEN 'none' THEN NULL ELSE tools END
         WHERE id = $1 AND engine_id = $5 AND fence = $7 AND status = 'running'`,
        [
          id,
          status,
          result && JSON.stringify(storable(result)),
          error && JSON.stringify(storable(error)),
          owner.engineId,
          retention,
          owner.fence,
        ],
      );
      if (rowCount === 1) await eraseBelow(tx, answer.id, retention);
      if (calls && (rowCount === 1 || (await wasGivenUp(tx, answer.id, owner))))
        await settleRun(tx, answer.id, calls);
      return rowCount === 1;
    });
  }

  async #byNode(tx: TenantPg, workspaceId: string, nodeExecutionId: string): Promise<RunRow | null> {
    const { rows } = await tx.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM agent_runs WHERE workspace_id = $1 AND node_execution_id = $2`,
      [toUuid(workspaceId), nodeExecutionId],
    );
    return rows[0] ?? null;
  }
}

/** Whether a sweeper took this claim's process for dead: what it used is known all the same, once it is back. */
export async function wasGivenUp(tx: TenantPg, runId: string, owner: RunOwner): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM agent_runs WHERE id = $1 AND engine_id = $2 AND fence = $3 AND status = 'outcome_unknown'`,
    [toUuid(runId), owner.engineId, owner.fence],
  );
  return rowCount === 1;
}

/** The webhook that a run names, in the terms of the database. */
async function callbackOf(tx: TenantPg, { callbackId, workspaceId }: NewRun): Promise<string | null> {
  if (callbackId === null) return null;
  if (!isId('whk', callbackId)) throw notFound();
  const { rowCount } = await tx.query(
    'SELECT 1 FROM webhooks WHERE id = $1 AND (workspace_id IS NULL OR workspace_id = $2)',
    [toUuid(callbackId), toUuid(workspaceId)],
  );
  if (rowCount === 0) throw notFound();
  return toUuid(callbackId);
}
