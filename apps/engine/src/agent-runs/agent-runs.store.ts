import { Injectable } from '@nestjs/common';
import { ClavigerError, type AgentRunAnswer, type RunStatus } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { PgPool, withTenantPg, type TenantPg } from '#lib/persistence';
import { storable } from './storable.js';
import { RUN_COLUMNS, type RunRow } from './run-row.js';

/** A run that is about to start. */
export interface NewRun {
  id: string;
  workspaceId: string;
  nodeExecutionId: string;
  requestHash: Buffer;
  principalId: string;
  userId: string | null;
  workflowId: string | null;
  workflowVersion: string | null;
  engineId: string;
}

export interface RunFilter {
  status?: RunStatus;
  nodeExecutionId?: string;
  workflowId?: string;
  /** The id (UUID) after which to go on, newest first. */
  after?: string;
  limit: number;
}

/** The rows of `agent_runs`, each statement inside its tenant. */
@Injectable()
export class AgentRunsStore {
  constructor(private readonly pool: PgPool) {}

  /**
   * Takes the node execution for `run` and one execution of the month's limit (null: unlimited), in one transaction. Answers the
   * row that has it already, when there is one: nothing is counted then. Throws `plan_limit_reached`.
   */
  begin(orgId: string, run: NewRun, month: string, max: number | null): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const inserted = await tx.query(
        `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, user_id, workflow_id,
           workflow_version, engine_id, status)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'running')
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
        ],
      );
      if (inserted.rowCount === 0) return this.#byNode(tx, run.workspaceId, run.nodeExecutionId);
      await countExecution(tx, orgId, month, max);
      return null;
    });
  }

  /** The run of a node execution; null when there is none. */
  findByNode(orgId: string, workspaceId: string, nodeExecutionId: string): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, (tx) => this.#byNode(tx, workspaceId, nodeExecutionId));
  }

  find(orgId: string, workspaceId: string, id: string): Promise<RunRow | null> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<RunRow>(
        `SELECT ${RUN_COLUMNS} FROM agent_runs WHERE workspace_id = $1 AND id = $2`,
        [toUuid(workspaceId), toUuid(id)],
      );
      return rows[0] ?? null;
    });
  }

  /** Up to `limit + 1` rows, newest first. */
  list(orgId: string, workspaceId: string, filter: RunFilter): Promise<RunRow[]> {
    return withTenantPg(this.pool, orgId, async (tx) => {
      const { rows } = await tx.query<RunRow>(
        `SELECT ${RUN_COLUMNS} FROM agent_runs
         WHERE workspace_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR node_execution_id = $3)
           AND ($4::text IS NULL OR workflow_id = $4) AND ($5::uuid IS NULL OR id < $5)
         ORDER BY id DESC LIMIT $6`,
        [
          toUuid(workspaceId),
          filter.status ?? null,
          filter.nodeExecutionId ?? null,
          filter.workflowId ?? null,
          filter.after ?? null,
          filter.limit + 1,
        ],
      );
      return rows;
    });
  }

  /** Writes a run's end. A sweeper may have called it `outcome_unknown` meanwhile: the process that ran it knows better. */
  finish(orgId: string, answer: AgentRunAnswer, engineId: string): Promise<void> {
    const { id, status, error, ...result } = answer;
    return withTenantPg(this.pool, orgId, async (tx) => {
      await tx.query(
        `UPDATE agent_runs SET status = $2, result = $3, error = $4, finished_at = now()
         WHERE id = $1 AND engine_id = $5 AND status IN ('running', 'outcome_unknown')`,
        [
          toUuid(id),
          status,
          JSON.stringify(storable(result)),
          error ? JSON.stringify(storable(error)) : null,
          engineId,
        ],
      );
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

/** One execution more in `month` (`YYYY-MM`, UTC); the statement itself refuses at the limit, so parallel runs cannot pass it. */
async function countExecution(tx: TenantPg, orgId: string, month: string, max: number | null): Promise<void> {
  if (max === 0) throw limitReached(0, 0);
  const counted = await tx.query(
    `INSERT INTO plan_counters AS c (org_id, resource, used) VALUES ($1, $2, 1)
     ON CONFLICT (org_id, resource) DO UPDATE SET used = c.used + 1 WHERE $3::int IS NULL OR c.used < $3 RETURNING used`,
    [toUuid(orgId), `executions:${month}`, max],
  );
  if (counted.rowCount === 0) throw limitReached(max ?? 0, max ?? 0);
}

function limitReached(used: number, max: number): ClavigerError {
  return new ClavigerError(
    'plan_limit_reached',
    `This organization has used all ${max} agent executions of its plan for this month (UTC). The count starts anew on the 1st; the operator of this Claviger installation can move the organization to a larger plan before.`,
    { extras: { limit: 'executionsPerMonth', used, max } },
  );
}
