import { auditList, planLimitsGet, usageGet } from '../generated/api/sdk.gen';
import { answer } from './http';
import type { UsageGroup, UsageTotal } from './types';

export function getPlan() {
  return answer(planLimitsGet());
}

/** Usage of the last 30 days (UTC) by key, workspace or model, the dearest first. */
export async function getUsage(groupBy: UsageGroup): Promise<UsageTotal[]> {
  const { data } = await answer(usageGet({ query: { groupBy } }));
  const totals = new Map<string, UsageTotal>();
  for (const row of data) {
    const group = row.group ?? '';
    const total = totals.get(group) ?? {
      group,
      name: row.name ?? (group || 'not named'),
      calls: 0,
      inputTokens: 0,
      outputTokens: 0,
      costMicroUsd: 0,
      unpricedCalls: 0,
    };
    total.calls += row.calls;
    total.inputTokens += row.inputTokens;
    total.outputTokens += row.outputTokens;
    total.costMicroUsd += row.costMicroUsd;
    total.unpricedCalls += row.unpricedCalls;
    totals.set(group, total);
  }
  return [...totals.values()].sort((a, b) => b.costMicroUsd - a.costMicroUsd || b.calls - a.calls);
}

export function listAudit(cursor: string | undefined) {
  return answer(auditList({ query: { limit: 50, cursor } }));
}
