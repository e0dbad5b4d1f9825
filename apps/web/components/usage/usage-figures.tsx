import type { UsageInterval } from '@/lib/api/types';
import { count, money } from '@/lib/format';
import { DataTable } from '@/components/ui/data-table';
import { Quiet } from '@/components/ui/quiet';
import { DayBars } from './day-bars';
import { changeWords, type GroupUsage } from './usage-series';
import styles from './usage.module.css';

interface UsageFiguresProps {
  /** What is grouped by, as a heading. */
  by: string;
  mono: boolean;
  interval: UsageInterval;
  groups: GroupUsage[];
  /** Spend of the period before by group; undefined where it is not known. */
  before: Map<string, number> | undefined;
  colours: Map<string, string>;
}

/** The figures of the chart above, each under the colour that it has there. */
export function UsageFigures({ by, mono, interval, groups, before, colours }: UsageFiguresProps) {
  return (
    <DataTable
      label="Usage"
      rows={groups}
      rowKey={({ group }) => group}
      columns={[
        {
          key: 'group',
          title: by,
          cell: ({ group, name }) => (
            <span className={styles.named}>
              <span className={styles.swatch} style={{ background: colours.get(group) }} aria-hidden="true" />
              <span className={mono ? 'mono wrap' : 'wrap'}>{name}</span>
            </span>
          ),
        },
        {
          key: 'days',
          title: interval === 'day' ? 'By day' : 'By minute',
          cell: ({ group, series }) => (
            <DayBars series={series} colour={colours.get(group) ?? 'var(--cv-series-rest)'} />
          ),
        },
        { key: 'calls', title: 'Calls', numeric: true, cell: ({ calls }) => count(calls) },
        { key: 'in', title: 'Tokens in', numeric: true, cell: ({ inputTokens }) => count(inputTokens) },
        { key: 'out', title: 'Tokens out', numeric: true, cell: ({ outputTokens }) => count(outputTokens) },
        { key: 'cost', title: 'Spend', numeric: true, cell: ({ costMicroUsd }) => money(costMicroUsd) },
        {
          key: 'before',
          title: 'Period before',
          numeric: true,
          cell: ({ group, costMicroUsd }) => {
            if (!before) return <Quiet>not shown</Quiet>;
            const spent = before.get(group);
            const words = changeWords(costMicroUsd, spent);
            return words ? `${money(spent)}, now ${words}` : <Quiet>nothing</Quiet>;
          },
        },
      ]}
    />
  );
}
