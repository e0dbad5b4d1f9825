import { auditList, planLimitsGet, usageGet } from '../generated/api/sdk.gen';
import { answer } from './http';
import type { Usage, UsageGroup, UsageInterval } from './types';

export function getPlan() {
  return answer(planLimitsGet());
}

/** Days as YYYY-MM-DD, or minutes as YYYY-MM-DDTHH:MMZ, in UTC, both included. */
interface Range {
  interval: UsageInterval;
  from: string;
  to: string;
}

/** Calls, tokens and cost by day or minute and by what is asked for. */
export function getUsage(groupBy: UsageGroup, { interval, from, to }: Range): Promise<Usage> {
  return answer(usageGet({ query: { groupBy, interval, from, to } }));
}

/** Where the same is had as a file. */
export function usageCsvHref(groupBy: UsageGroup, { interval, from, to }: Range): string {
  return `/api/v1/usage.csv?${new URLSearchParams({ groupBy, interval, from, to }).toString()}`;
}

export function listAudit(cursor: string | undefined) {
  return answer(auditList({ query: { limit: 50, cursor } }));
}
