'use client';

import { Anchor, NativeSelect, Skeleton, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { getUsage, usageCsvHref } from '@/lib/api/account';
import type { UsageGroup } from '@/lib/api/types';
import { count, date, money } from '@/lib/format';
import { useKeys } from '@/lib/hooks/queries';
import { useUrlFilter } from '@/lib/hooks/use-url-filter';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { seriesColours } from './series-colours';
import { UsageFigures } from './usage-figures';
import { byGroup, changeWords, eachDay, isDays, lastDays, previousDays, type Days } from './usage-series';
import styles from './usage.module.css';

const SpendChart = dynamic(() => import('./spend-chart').then((module) => module.SpendChart), {
  ssr: false,
  loading: () => <Skeleton height={240} />,
});

const GROUPS: Record<UsageGroup, string> = {
  key: 'Key',
  workspace: 'Workspace',
  model: 'Model',
  user: 'User',
  workflow: 'Workflow',
  token: 'Token',
};
const PERIODS = [7, 30, 90];

function isGroup(value: string): value is UsageGroup {
  return value in GROUPS;
}

/** Who spent how much, by day and beside the period before; what is asked for stands in the address. */
export function UsageExplorer() {
  const [url, setUrl] = useUrlFilter(['by', 'from', 'to']);
  const by = isGroup(url.by) ? url.by : 'key';
  const usual = lastDays(30, Date.now());
  const asked: Days = { from: url.from || usual.from, to: url.to || usual.to };
  const days = isDays(asked) ? asked : usual;
  const usage = useQuery({ queryKey: ['usage', by, days], queryFn: () => getUsage(by, days) });
  const past = previousDays(days);
  // A plan may not show as far back: then there is nothing to compare with.
  const before = useQuery({
    queryKey: ['usage', by, past],
    queryFn: () => getUsage(by, past),
    enabled: usage.isSuccess,
    retry: false,
  });
  const keys = useKeys();
  const groups = usage.data && byGroup(usage.data);
  const pastGroups = before.data && byGroup(before.data);
  const ids = (groups ?? []).map(({ group }) => group);
  const colours = seriesColours(by === 'key' ? [...(keys.data?.map(({ id }) => id) ?? []), ...ids] : ids);
  const shownDays = usage.data ?? days;
  const period = PERIODS.find((length) => isSame(lastDays(length, Date.now()), days));
  const title = `Usage by ${GROUPS[by].toLowerCase()}`;
  return (
    <Surface
      title={title}
      flush
      aside={
        <Anchor href={usageCsvHref(by, days)} download size="sm" underline="always">
          CSV of this
        </Anchor>
      }
    >
      <div className={styles.controls}>
        <NativeSelect
          label="Group by"
          value={by}
          data={Object.entries(GROUPS).map(([value, label]) => ({ value, label }))}
          onChange={(event) => setUrl({ by: event.currentTarget.value })}
        />
        <NativeSelect
          label="Period"
          value={period ?? ''}
          data={[
            ...PERIODS.map((length) => ({ value: String(length), label: `Last ${length} days` })),
            ...(period ? [] : [{ value: '', label: 'As chosen' }]),
          ]}
          onChange={({ currentTarget: { value } }) => value && setUrl(lastDays(Number(value), Date.now()))}
        />
        <TextInput
          type="date"
          label="From (UTC)"
          value={days.from}
          onChange={(event) => event.currentTarget.value && setUrl({ from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label="To (UTC)"
          value={days.to}
          onChange={(event) => event.currentTarget.value && setUrl({ to: event.currentTarget.value })}
        />
      </div>
      {usage.error && <ProblemAlert error={usage.error} onRetry={() => void usage.refetch()} />}
      {!usage.error && !groups && <Skeleton height={240} m="md" w="auto" />}
      {groups?.length === 0 && (
        <Empty title={url.from || url.to ? 'No calls in these days' : 'No calls yet'}>
          As soon as a workflow or a try runs, its calls, tokens and cost are counted here.
        </Empty>
      )}
      {groups && groups.length > 0 && (
        <>
          <Totals groups={groups} before={pastGroups} />
          <div className={styles.chart}>
            <SpendChart
              days={eachDay(shownDays)}
              groups={groups}
              colours={colours}
              label={`Spend by day, ${title.toLowerCase()}; the table below has the figures.`}
            />
          </div>
          <UsageFigures
            by={GROUPS[by]}
            mono={by === 'model'}
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

function isSame(one: Days, other: Days): boolean {
  return one.from === other.from && one.to === other.to;
}

type Sums = Pick<
  ReturnType<typeof byGroup>[number],
  'costMicroUsd' | 'calls' | 'inputTokens' | 'outputTokens'
>;

function sum(groups: Sums[], of: (group: Sums) => number): number {
  return groups.reduce((total, group) => total + of(group), 0);
}

/** The whole of the period, each figure beside that of the period before. */
function Totals({ groups, before }: { groups: Sums[]; before: Sums[] | undefined }) {
  const figures: { label: string; of: (group: Sums) => number; words: (value: number) => string }[] = [
    { label: 'Spend', of: ({ costMicroUsd }) => costMicroUsd, words: money },
    { label: 'Calls', of: ({ calls }) => calls, words: count },
    { label: 'Tokens', of: ({ inputTokens, outputTokens }) => inputTokens + outputTokens, words: count },
  ];
  return (
    <dl className={styles.totals}>
      {figures.map(({ label, of, words }) => {
        const [now, then] = [sum(groups, of), before && sum(before, of)];
        const change = changeWords(now, then);
        return (
          <div key={label}>
            <dt>{label}</dt>
            <dd className="num">{words(now)}</dd>
            <dd className={styles.small}>
              {then === undefined
                ? 'No period before it is shown'
                : (change ?? 'Nothing in the period before')}
              {change && then !== undefined && `, ${words(then)} in the period before`}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Estimate({ pricesAsOf, unpriced }: { pricesAsOf: string | null; unpriced: number }) {
  return (
    <Text size="sm" c="dimmed" p="md">
      Estimated{pricesAsOf && `, prices of ${date(pricesAsOf)}`}: each call at the price that held when it was
      made, your own where you set one, else the list price
      {unpriced > 0 && `; ${count(unpriced)} calls have no known price`}.
    </Text>
  );
}
