import { executionsRefusal } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import type { TenantPg } from '#lib/persistence';
import type { CallPlan } from '../pipeline/call-plan.js';

/** The month that a run counts in, and how many it may have. */
export function monthlyLimit(
  { state }: Pick<CallPlan, 'state'>,
  now: Date,
): { month: string; max: number | null } {
  return {
    month: now.toISOString().slice(0, 7),
    max: state.org?.planLimits.executionsPerMonth ?? null,
  };
}

/** One execution more in `month` (`YYYY-MM`, UTC); the statement itself refuses at the limit, so parallel runs cannot pass it. */
export async function countExecution(
  tx: TenantPg,
  orgId: string,
  month: string,
  max: number | null,
): Promise<void> {
  const counted = await tx.query(
    `INSERT INTO plan_counters AS c (org_id, resource, used) SELECT $1, $2, 1 WHERE $3::int IS NULL OR $3 > 0
     ON CONFLICT (org_id, resource) DO UPDATE SET used = c.used + 1 WHERE $3::int IS NULL OR c.used < $3 RETURNING used`,
    [toUuid(orgId), `executions:${month}`, max],
  );
  if (counted.rowCount === 1) return;
  // After a move to a smaller plan more may be in use than it allows.
  const { rows } = await tx.query<{ used: number }>('SELECT used FROM plan_counters WHERE resource = $1', [
    `executions:${month}`,
  ]);
  throw limitReached(rows[0]?.used ?? 0, max ?? 0);
}

function limitReached(used: number, max: number): ClavigerError {
  const { code, detail, extras } = executionsRefusal(used, max);
  return new ClavigerError(code, detail, { extras });
}

/** The run is there, and the plan shows no runs of its age. */
export function beyondHistory(): ClavigerError {
  return new ClavigerError(
    'plan_limit_reached',
    'This run is older than the history that the plan of this organization shows. It is kept: on a larger plan, which the operator of this Claviger installation can give, it can be read again.',
    { extras: { limit: 'historyDays' } },
  );
}
