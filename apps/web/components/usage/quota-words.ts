import type { AiProvider, Quota, QuotaScope, Token, Workspace } from '@/lib/api/types';
import { count, money } from '@/lib/format';

export const METRICS: Record<Quota['metric'], string> = {
  cost_micro_usd: 'spend in US dollars',
  runs: 'runs',
  total_tokens: 'tokens',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
};

export const WINDOWS: Record<Quota['window'], string> = {
  minute: 'minute',
  hour: 'hour',
  day: 'day',
  month: 'month',
};

export interface Named {
  workspaces: Workspace[] | undefined;
  tokens: Token[] | undefined;
  keys: AiProvider[] | undefined;
}

export function coverWords(scope: QuotaScope, { workspaces, tokens, keys }: Named): string {
  const of = (list: { id: string; name: string }[] | undefined): string =>
    list?.find(({ id }) => id === scope.id)?.name ?? scope.id ?? '';
  switch (scope.type) {
    case 'organization':
      return 'Whole organization';
    case 'workspace':
      return `Workspace ${of(workspaces)}`;
    case 'token':
      return `Token ${of(tokens)}`;
    case 'key':
      return `Key ${of(keys)}`;
  }
}

/** An amount in what the quota counts. */
export function amountWords(metric: Quota['metric'], value: number): string {
  return metric === 'cost_micro_usd' ? money(value) : `${count(value)} ${METRICS[metric]}`;
}

/** What is typed as a limit, in what the API takes; undefined when it is none. Dollars become micro-dollars without a float. */
export function limitOf(metric: Quota['metric'], typed: string): number | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(typed.trim());
  if (!match) return undefined;
  const [, whole = '0', part = ''] = match;
  if (metric !== 'cost_micro_usd') return part === '' ? Number(whole) : undefined;
  return Number(whole) * 1_000_000 + Number(part.padEnd(6, '0'));
}

/** A limit as it is typed. */
export function typedLimit({ metric, max }: Pick<Quota, 'metric' | 'max'>): string {
  if (metric !== 'cost_micro_usd') return String(max);
  const part = String(max % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const whole = Math.floor(max / 1_000_000);
  return part === '' ? String(whole) : `${whole}.${part}`;
}
