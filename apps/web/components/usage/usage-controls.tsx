import { NativeSelect, TextInput } from '@mantine/core';
import { last, movedTo, type UsageRange } from './usage-series';
import { USAGE_GROUPS, type AskedUsage } from './usage-range';
import styles from './usage.module.css';

const HOUR = 'hour';
const MINUTES = 'minutes';
const DAYS = 'days';
const PERIODS = [7, 30, 90];

function isSame(one: UsageRange, other: UsageRange): boolean {
  return one.from === other.from && one.to === other.to;
}

/** By what, and over which time: the last hour by the minute, the last days by the day, or what is chosen. */
export function UsageControls({ asked: { by, range, isChosen, now, set } }: { asked: AskedUsage }) {
  const byMinute = range.interval === 'minute';
  const days = byMinute ? undefined : PERIODS.find((length) => isSame(last(length, 'day', now), range));
  const period = byMinute ? (isChosen ? MINUTES : HOUR) : (days?.toString() ?? DAYS);
  const choose = (value: string) => {
    if (value === HOUR) set({ interval: 'minute', from: '', to: '' });
    else if (value !== MINUTES && value !== DAYS) {
      const { from, to } = last(Number(value), 'day', now);
      set({ interval: '', from, to });
    }
  };
  const time = (end: 'from' | 'to', label: string) => (
    <TextInput
      type={byMinute ? 'datetime-local' : 'date'}
      label={label}
      value={byMinute ? range[end].slice(0, -1) : range[end]}
      onChange={({ currentTarget: { value } }) => {
        if (!value) return;
        const { from, to } = movedTo(range, end, byMinute ? `${value.slice(0, 16)}Z` : value);
        set({ from, to });
      }}
    />
  );
  return (
    <div className={styles.controls} data-interval={range.interval}>
      <NativeSelect
        label="Group by"
        value={by}
        data={Object.entries(USAGE_GROUPS).map(([value, label]) => ({ value, label }))}
        onChange={(event) => set({ by: event.currentTarget.value })}
      />
      <NativeSelect
        label="Period"
        value={period}
        data={[
          { value: HOUR, label: 'Last hour' },
          ...PERIODS.map((length) => ({ value: String(length), label: `Last ${length} days` })),
          ...(period === MINUTES ? [{ value: MINUTES, label: 'As chosen, by minute' }] : []),
          ...(period === DAYS ? [{ value: DAYS, label: 'As chosen' }] : []),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {time('from', 'From (UTC)')}
      {time('to', 'To (UTC)')}
    </div>
  );
}
