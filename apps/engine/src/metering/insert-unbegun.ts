import { sha256, toUuid } from '#lib/kernel';
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
  const column = <T>(pick: (entry: UsageEntry) => T): T[] => runs.map(pick);
  await tx.query(
    `INSERT INTO agent_runs (org_id, id, workspace_id, node_execution_id, request_hash, principal_id, status, retention, finished_at)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::timestamptz[])
     ON CONFLICT DO NOTHING`,
    [
      toUuid(orgId),
      column(({ runId }) => toUuid(runId)),
      column(({ workspaceId }) => toUuid(workspaceId)),
      column(({ runId }) => compatibleExecution(runId)),
      column(({ runId }) => sha256(runId)),
      column(({ principalId }) => principalId),
      column(({ outcome }) => STATUS[outcome]),
      column(({ unbegun }) => unbegun?.retention ?? 'full'),
      column(({ at }) => at.toISOString()),
    ],
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

/** What stands for the node execution of a call that no workflow engine made. */
export function compatibleExecution(runId: string): string {
  return `compatible ${runId}`;
}
