import { useQuery } from '@tanstack/react-query';
import { getUsage } from '@/lib/api/account';
import { byGroup, last } from '@/components/usage/usage-series';

const DAYS = 30;

/** What each key has spent in the last 30 days, in micro-USD; undefined where that is not known. */
export function useKeySpend(): Map<string, number> | undefined {
  const days = last(DAYS, 'day', Date.now());
  const usage = useQuery({ queryKey: ['usage', 'key', days], queryFn: () => getUsage('key', days) });
  return usage.data && new Map(byGroup(usage.data).map(({ group, costMicroUsd }) => [group, costMicroUsd]));
}
