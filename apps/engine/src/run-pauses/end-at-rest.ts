import type { ProblemDocument } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { retainable } from '#lib/limits';
import type { TenantPg } from '#lib/persistence';
import { eraseBelow, strictestNow } from '../agent-runs/kept-run.js';
import { NOTHING_YET, type StoredResult } from '../agent-runs/run-row.js';
import { storable } from '../agent-runs/storable.js';

/** How a run ends that no process has; null: its status says it all. */
export interface EndAtRest {
  status: 'cancelled' | 'failed';
  error: ProblemDocument | null;
}

/**
 * Ends a run that waits for its turn or its caller, whose row the caller has locked. What it was asked goes; what was done of it
 * before stays as far as the policies of this moment let it.
 */
export async function endAtRest(
  tx: TenantPg,
  runId: string,
  before: StoredResult | null,
  { status, error }: EndAtRest,
): Promise<void> {
  const level = await strictestNow(tx, runId, 'full');
  const { requiredAction: _, ...done } = before ?? NOTHING_YET;
  const kept = retainable({ result: done, error }, level);
  await tx.query(
    `UPDATE agent_runs SET status = $2, result = $3, error = $4, retention = $5, finished_at = clock_timestamp(), waits_until = NULL,
       tools = CASE $5 WHEN 'none' THEN NULL ELSE tools END
     WHERE id = $1`,
    [
      toUuid(runId),
      status,
      before && kept.result && JSON.stringify(storable(kept.result)),
      kept.error && JSON.stringify(kept.error),
      level,
    ],
  );
  await eraseBelow(tx, runId, level);
}
