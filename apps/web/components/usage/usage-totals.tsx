import { Text } from '@mantine/core';
import { count, date, money } from '@/lib/format';
import { changeWords, type GroupUsage } from './usage-series';
import styles from './usage.module.css';

type Sums = Pick<GroupUsage, 'costMicroUsd' | 'calls' | 'inputTokens' | 'outputTokens'>;

function sum(groups: Sums[], of: (group: Sums) => number): number {
  return groups.reduce((total, group) => total + of(group), 0);
}

/** The whole of the period, each figure beside that of the period before. */
export function Totals({ groups, before }: { groups: Sums[]; before: Sums[] | undefined }) {
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

/** How the figures came about. */
export function Estimate({ pricesAsOf, unpriced }: { pricesAsOf: string | null; unpriced: number }) {
  return (
    <Text size="sm" c="dimmed" p="md">
      Estimated{pricesAsOf && `, prices of ${date(pricesAsOf)}`}: each call at the price that held when it was
      made, your own where you set one, else the list price
      {unpriced > 0 && `; ${count(unpriced)} calls have no known price`}.
    </Text>
  );
}
