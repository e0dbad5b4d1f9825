import { Text } from '@mantine/core';
import type { Plan } from '@/lib/api/types';
import { plural } from '@/lib/format';

/** What of a plan is not used up: how far back it shows, and which models it has. */
export function PlanReach({ limits }: { limits: Plan['limits'] }) {
  const { historyDays, models } = limits;
  return (
    <>
      <Text size="sm" mt="md">
        History:{' '}
        {historyDays === null
          ? 'all runs and receipts.'
          : `the last ${plural(historyDays, 'day')} of runs and receipts. Older ones are kept, and shown again on a larger plan.`}
      </Text>
      <Text size="sm">
        Models: {models === null ? 'all. ' : models.length === 0 ? 'none. ' : ''}
        {models !== null && models.length > 0 && (
          <>
            <span className="mono wrap">{models.join(', ')}</span>. Others are shown as not available.
          </>
        )}
      </Text>
    </>
  );
}
