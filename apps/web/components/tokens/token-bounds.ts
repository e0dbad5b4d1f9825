import type { Policy, Quota, RateLimits, Token } from '@/lib/api/types';
import type { TokenBounds } from '@/lib/api/bound-tokens';
import { count, money } from '@/lib/format';
import { ruleWords } from '@/components/policies/rule-words';
import { limitOf } from '@/components/usage/quota-words';

/** What a token is held to, while it is typed. */
export interface BoundsDraft {
  rpm: string;
  rpd: string;
  tpm: string;
  providers: string;
  models: string;
  budget: string;
}

export const NO_BOUNDS: BoundsDraft = { rpm: '', rpd: '', tpm: '', providers: '', models: '', budget: '' };

export const RATES = [
  { name: 'rpm', label: 'Requests per minute', words: 'requests a minute' },
  { name: 'rpd', label: 'Requests per day', words: 'requests a day' },
  { name: 'tpm', label: 'Tokens per minute', words: 'tokens a minute' },
] as const;

/** Why the fields can't be taken as they are; nothing for those that can. */
export function boundFaults(draft: BoundsDraft): Partial<Record<keyof BoundsDraft, string>> {
  const rates = RATES.filter(({ name }) => !/^\s*([1-9]\d{0,8})?\s*$/.test(draft[name]));
  const isBudget = draft.budget.trim() === '' || limitOf('cost_micro_usd', draft.budget) !== undefined;
  return {
    ...Object.fromEntries(rates.map(({ name }) => [name, 'Give a whole number from 1, or leave it empty.'])),
    ...(!isBudget && { budget: 'Give a plain number, like 25 or 12.50, or leave it empty.' }),
  };
}

export function ratesOf(draft: BoundsDraft): RateLimits | undefined {
  const set = RATES.filter(({ name }) => draft[name].trim() !== '');
  return set.length > 0 ? Object.fromEntries(set.map(({ name }) => [name, Number(draft[name])])) : undefined;
}

export function boundsOf({ providers, models, budget }: BoundsDraft): TokenBounds {
  const budgetMicroUsd = limitOf('cost_micro_usd', budget);
  return {
    providers: names(providers),
    models: names(models),
    ...(budgetMicroUsd !== undefined && { budgetMicroUsd }),
  };
}

function names(typed: string): string[] {
  return typed
    .split(/[\s,]+/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Everything that holds for a token, each as a few words; its policies by their names. */
export function boundWords(
  { id, limits, permissions }: Token,
  policies: readonly Policy[],
  quotas: readonly Quota[],
): string[] {
  const of = <Scoped extends Policy | Quota>(all: readonly Scoped[]): Scoped[] =>
    all.filter(({ scope }) => scope.id === id);
  return [
    ...(permissions ? ['some rights only'] : []),
    ...RATES.flatMap(({ name, words }) => (limits?.[name] ? [`${count(limits[name])} ${words}`] : [])),
    ...of(quotas).map(({ metric, max, window }) =>
      metric === 'cost_micro_usd'
        ? `${money(max)} a ${window}`
        : `${count(max)} ${metric.replace('_', ' ')} a ${window}`,
    ),
    ...of(policies)
      .filter(({ enabled }) => enabled)
      .flatMap(({ rules }) => rules.map((rule) => ruleWords(rule))),
  ];
}
