import type { AgentRunAnswer, ProblemDocument, RetentionLevel, RunStatus } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { retainable, strictestRetention } from '#lib/limits';
import type { TenantPg } from '#lib/persistence';
import type { StoredResult } from './run-row.js';

/** The end of a run as its row keeps it. */
export interface KeptRun {
  status: RunStatus;
  /** null: nothing of it is kept. */
  result: StoredResult | null;
  error: ProblemDocument | null;
  retention: RetentionLevel;
}

/** What of an answer is stored, by the policies that cover the run (PRODUCT #48). */
export function keptRun(answer: AgentRunAnswer, level: RetentionLevel): KeptRun {
  const { id: _, status, error = null, retention: __, contentKept: ___, ...result } = answer;
  return { status, ...retainable({ result, error }, level), retention: level };
}

/** How much of a run may be kept by the policies of this moment, and no more than `level`. */
export async function strictestNow(
  tx: TenantPg,
  runId: string,
  level: RetentionLevel,
): Promise<RetentionLevel> {
  const { rows } = await tx.query<{ level: RetentionLevel }>(
    'SELECT lookup.retention_now(workspace_id, principal_id) AS level FROM agent_runs WHERE id = $1',
    [toUuid(runId)],
  );
  return strictestRetention([level, ...rows.map((row) => row.level)]);
}

/** Erases what goes with a run's end, in the transaction of that end: what it was asked and, below `full`, what it said. */
export async function eraseBelow(tx: TenantPg, runId: string, level: RetentionLevel): Promise<void> {
  await tx.query('DELETE FROM run_requests WHERE run_id = $1', [toUuid(runId)]);
  if (level !== 'full') await tx.query('DELETE FROM run_events WHERE run_id = $1', [toUuid(runId)]);
}
