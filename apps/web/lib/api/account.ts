import { auditList, planLimitsGet, usageGet } from '../generated/api/sdk.gen';
import { answer } from './http';
import type { Usage, UsageGroup } from './types';

export function getPlan() {
  return answer(planLimitsGet());
}

/** Days as YYYY-MM-DD in UTC, both included. */
interface Days {
  from: string;
  to: string;
}

/** Calls, tokens and cost by day and by what is asked for. */
export function getUsage(groupBy: UsageGroup, { from, to }: Days): Promise<Usage> {
  return answer(usageGet({ query: { groupBy, from, to } }));
}

/** Where the same is had as a file. */
export function usageCsvHref(groupBy: UsageGroup, { from, to }: Days): string {
  return `/api/v1/usage.csv?${new URLSearchParams({ groupBy, from, to }).toString()}`;
}

export function listAudit(cursor: string | undefined) {
  return answer(auditList({ query: { limit: 50, cursor } }));
}
