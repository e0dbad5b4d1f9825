import { BARS, verdictOf, type Bar, type Found } from './bars.js';

/** The rows of PERFORMANCE.md with what was found, as Markdown. */
export function figuresTable(found: Readonly<Record<string, Found>>): string {
  const rows = BARS.map((bar) => {
    const one = found[bar.id] ?? { value: null, remark: 'not run' };
    return [
      ...[bar.figure, shown(one.value, bar), limit(bar, bar.must), limit(bar, bar.stretch)],
      ...[verdictOf(bar, one), one.remark ?? ''],
    ];
  });
  return markdown(['figure, 1 process', 'measured', 'must reach', 'stretch', 'verdict', 'remark'], rows);
}

export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function shown(value: number | null, { unit }: Bar): string {
  if (value === null || Number.isNaN(value)) return '–';
  return `${Number(value.toFixed(value >= 10 ? 1 : 2))}${unit ? ` ${unit}` : ''}`;
}

function limit({ atLeast, unit }: Bar, value: number): string {
  return `${atLeast ? '≥' : '≤'} ${value}${unit ? ` ${unit}` : ''}`;
}
