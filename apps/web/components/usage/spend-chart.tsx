'use client';

import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import type { GroupUsage } from './usage-series';

interface SpendChartProps {
  /** What stands under each column. */
  columns: string[];
  groups: GroupUsage[];
  colours: Map<string, string>;
  /** Says in words what the picture shows. */
  label: string;
}

const MOST_SERIES = 9;

/** Spend over time, stacked by group. The dearest have a band of their own; what is left is one. */
export function SpendChart({ columns, groups, colours, label }: SpendChartProps) {
  const shown = groups.slice(0, MOST_SERIES);
  const rest = groups.slice(MOST_SERIES);
  // Bands go by number: a name with a dot would be read as a path into the data.
  const data = columns.map((column, index) => ({
    column,
    ...Object.fromEntries(shown.map(({ series }, band) => [`band${band}`, dollars(series[index])])),
    ...(rest.length > 0 && {
      rest: dollars(rest.reduce((sum, { series }) => sum + (series[index] ?? 0), 0)),
    }),
  }));
  const bands = shown.map(({ group, name }, band) => ({
    name: `band${band}`,
    label: name,
    color: colours.get(group) ?? 'var(--cv-series-rest)',
  }));
  if (rest.length > 0)
    bands.push({ name: 'rest', label: `${rest.length} more`, color: 'var(--cv-series-rest)' });
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={240}
        data={data}
        dataKey="column"
        type="stacked"
        series={bands}
        withTooltip
        gridAxis="x"
        tickLine="none"
        valueFormatter={(value) => `$${value.toLocaleString('en-US', { maximumFractionDigits: 6 })}`}
        yAxisProps={{ width: 80 }}
        barProps={{ isAnimationActive: false, maxBarSize: 28 }}
        barChartProps={{ accessibilityLayer: false }}
      />
    </div>
  );
}

function dollars(microUsd: number | undefined): number {
  return (microUsd ?? 0) / 1_000_000;
}
