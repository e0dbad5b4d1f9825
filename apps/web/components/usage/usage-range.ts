import { useEffect, useState } from 'react';
import type { UsageGroup } from '@/lib/api/types';
import { useUrlFilter } from '@/lib/hooks/use-url-filter';
import { isRange, last, type UsageRange } from './usage-series';

export const USAGE_GROUPS: Record<UsageGroup, string> = {
  key: 'Key',
  workspace: 'Workspace',
  model: 'Model',
  user: 'User',
  workflow: 'Workflow',
  token: 'Token',
};

const MINUTE_MS = 60_000;

function isGroup(value: string): value is UsageGroup {
  return value in USAGE_GROUPS;
}

/** The time, anew each minute: what is told by the minute goes along. */
function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** What is asked for, as the address has it: the last 30 days by key unless it says otherwise; by the minute the last hour. */
export function useUsageRange() {
  const [url, set] = useUrlFilter(['by', 'interval', 'from', 'to']);
  const now = useMinute();
  const interval = url.interval === 'minute' ? 'minute' : 'day';
  const usual = interval === 'minute' ? last(60, interval, now) : last(30, interval, now);
  const asked: UsageRange = { interval, from: url.from || usual.from, to: url.to || usual.to };
  return {
    by: isGroup(url.by) ? url.by : ('key' as const),
    range: isRange(asked) ? asked : usual,
    /** Whether it stays what it is, whatever the time. */
    isChosen: url.from !== '' || url.to !== '',
    now,
    set,
  };
}

export type AskedUsage = ReturnType<typeof useUsageRange>;
