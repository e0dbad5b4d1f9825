'use client';

import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import type { GroupUsage } from './usage-series';

interface SpendChartProps {
  days: string[];
  groups: GroupUsage[];
  colours: Map<string, string>;
  /** Says in words what the picture shows. */
  label: string;
}

const MOST_SERIES = 9;

/** Spend by day, stacked by group. The dearest have a band of their own; what is left is one. */
export function SpendChart({ days, groups, colours, label }: SpendChartProps) {
  const shown = groups.slice(0, MOST_SERIES);
  const rest = groups.slice(MOST_SERIES);
  // Bands go by number: a name with a dot would be read as a path into the data.
  const data = days.map((day, index) => ({
    day: day.slice(5),
    ...Object.fromEntries(shown.map(({ daily }, band) => [`band${band}`, dollars(daily[index])])),
    ...(rest.length > 0 && { rest: dollars(rest.reduce((sum, { daily }) => sum + (daily[index] ?? 0), 0)) }),
  }));
  const series = shown.map(({ group, name }, band) => ({
    name: `band${band}`,
    label: name,
    color: colours.get(group) ?? 'var(--cv-series-rest)',
  }));
  if (rest.length > 0)
    series.push({ name: 'rest', label: `${rest.length} more`, color: 'var(--cv-series-rest)' });
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={240}
        data={data}
        dataKey="day"
        type="stacked"
        series={series}
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
