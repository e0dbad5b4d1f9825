import { toUuid } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { CallOutcome, UsageEntry } from './usage-entry.js';

const STATUS: Record<CallOutcome, string> = {
  ok: 'succeeded',
  failed: 'failed',
  refused: 'failed',
  aborted: 'cancelled',
};

/** The runs of calls that asked no limit before they were sent, each over by now, and their executions (PRODUCT #41, #52). */
export async function insertUnbegun(
  tx: TenantPg,
  orgId: string,
  entries: readonly UsageEntry[],
): Promise<void> {
  const runs = entries.filter(({ unbegun }) => unbegun);
  if (runs.length === 0) return;
  await tx.query(
    `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, retention, finished_at)
     SELECT $1, r.id, r.workspace, r.execution, sha256(convert_to(r.execution, 'UTF8')), r.principal, r.status, r.retention, r.at
     FROM json_to_recordset($2::json) AS r (id uuid, workspace uuid, execution text, principal text, status text,
       retention text, at timestamptz)
     ON CONFLICT DO NOTHING`,
    [toUuid(orgId), JSON.stringify(runs.map(rowOf))],
  );
  const months = runs.map(({ at }) => at.toISOString().slice(0, 7));
  for (const month of [...new Set(months)].sort()) {
    await tx.query(
      `INSERT INTO plan_counters AS c (org_id, resource, used) VALUES ($1, $2, $3)
       ON CONFLICT (org_id, resource) DO UPDATE SET used = c.used + excluded.used`,
      [toUuid(orgId), `executions:${month}`, months.filter((other) => other === month).length],
    );
  }
}

function rowOf({ runId, workspaceId, principalId, outcome, unbegun, at }: UsageEntry): object {
  return {
    id: toUuid(runId),
    workspace: toUuid(workspaceId),
    execution: compatibleExecution(runId),
    principal: principalId,
    status: STATUS[outcome],
    retention: unbegun?.retention ?? 'full',
    at,
  };
}

/** What stands for the node execution of a call that no workflow engine made. */
export function compatibleExecution(runId: string): string {
  return `compatible ${runId}`;
}
