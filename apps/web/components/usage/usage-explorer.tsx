'use client';

import { Anchor, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { getUsage, usageCsvHref } from '@/lib/api/account';
import type { Usage } from '@/lib/api/types';
import { useKeys } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { seriesColours } from './series-colours';
import { UsageControls } from './usage-controls';
import { UsageFigures } from './usage-figures';
import { USAGE_GROUPS, useUsageRange } from './usage-range';
import { byGroup, columnsOf, previousRange } from './usage-series';
import { Estimate, Totals } from './usage-totals';
import styles from './usage.module.css';

const SpendChart = dynamic(() => import('./spend-chart').then((module) => module.SpendChart), {
  ssr: false,
  loading: () => <Skeleton height={240} />,
});

/** Who spent how much, by day or minute and beside the period before; what is asked for stands in the address. */
export function UsageExplorer() {
  const asked = useUsageRange();
  const { by, range, isChosen } = asked;
  const { interval } = range;
  // The minute that comes takes the place of what is shown without a gap.
  const kept = (shown: Usage | undefined) =>
    shown?.groupBy === by && shown.interval === interval ? shown : undefined;
  const usage = useQuery({
    queryKey: ['usage', by, range],
    queryFn: () => getUsage(by, range),
    placeholderData: kept,
  });
  const past = previousRange(range);
  // A plan may not show as far back: then there is nothing to compare with.
  const before = useQuery({
    queryKey: ['usage', by, past],
    queryFn: () => getUsage(by, past),
    enabled: usage.isSuccess,
    retry: false,
    placeholderData: kept,
  });
  const keys = useKeys();
  const groups = usage.data && byGroup(usage.data);
  const pastGroups = before.data && byGroup(before.data);
  const ids = (groups ?? []).map(({ group }) => group);
  const colours = seriesColours(by === 'key' ? [...(keys.data?.map(({ id }) => id) ?? []), ...ids] : ids);
  const shown = usage.data ?? range;
  const title = `Usage by ${USAGE_GROUPS[by].toLowerCase()}`;
  return (
    <Surface
      title={title}
      flush
      aside={
        <Anchor href={usageCsvHref(by, shown)} download size="sm" underline="always">
          CSV of this
        </Anchor>
      }
    >
      <UsageControls asked={asked} />
      {usage.error && <ProblemAlert error={usage.error} onRetry={() => void usage.refetch()} />}
      {!usage.error && !groups && <Skeleton height={240} m="md" w="auto" />}
      {groups?.length === 0 && <NoCalls byMinute={interval === 'minute'} isChosen={isChosen} />}
      {groups && groups.length > 0 && (
        <>
          <Totals groups={groups} before={pastGroups} />
          <div className={styles.chart}>
            <SpendChart
              columns={columnsOf(shown).names.map((name) =>
                interval === 'day' ? name.slice(5) : name.slice(11, 16),
              )}
              groups={groups}
              colours={colours}
              label={`Spend by ${interval}, ${title.toLowerCase()}; the table below has the figures.`}
            />
          </div>
          <UsageFigures
            by={USAGE_GROUPS[by]}
            mono={by === 'model'}
            interval={interval}
            groups={groups}
            before={pastGroups && new Map(pastGroups.map(({ group, costMicroUsd }) => [group, costMicroUsd]))}
            colours={colours}
          />
          <Estimate
            pricesAsOf={usage.data?.pricesAsOf ?? null}
            unpriced={groups.reduce((sum, { unpricedCalls }) => sum + unpricedCalls, 0)}
          />
        </>
      )}
    </Surface>
  );
}

function NoCalls({ byMinute, isChosen }: { byMinute: boolean; isChosen: boolean }) {
  if (byMinute) {
    return (
      <Empty title={isChosen ? 'No calls in these minutes' : 'No calls in the last hour'}>
        Calls are counted here as soon as they end. By the minute they are kept for as long as the operator of
        this installation says, by the day for good.
      </Empty>
    );
  }
  return (
    <Empty title={isChosen ? 'No calls in these days' : 'No calls yet'}>
      As soon as a workflow or a try runs, its calls, tokens and cost are counted here.
    </Empty>
  );
}
