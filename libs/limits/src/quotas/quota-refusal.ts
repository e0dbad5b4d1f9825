import { ClavigerError, type QuotaMetric, type KnownQuotaRoom, type QuotaScopeType } from '#lib/contracts';

/** A quota that has no room for what was asked of it, as the database has it in this moment. */
export interface FullQuota extends Omit<KnownQuotaRoom, 'left' | 'hasRoom' | 'resetsAt' | 'mode'> {
  needed: number;
  retryAfterSeconds: number;
}

const UNITS: Record<Exclude<QuotaMetric, 'cost_micro_usd'>, string> = {
  runs: 'runs',
  input_tokens: 'input tokens',
  output_tokens: 'output tokens',
  total_tokens: 'tokens',
};

const SCOPES: Record<QuotaScopeType, string> = {
  organization: 'the organization',
  workspace: 'this workspace',
  token: 'this token',
  key: 'the key',
};

/** The refusal of the quota that is full for longest: `budget_exceeded` for money, `quota_exceeded` for all else. */
export function quotaExceeded(full: readonly FullQuota[]): ClavigerError {
  const quota = [...full].sort((a, b) => b.retryAfterSeconds - a.retryAfterSeconds)[0]!;
  const { quotaId, name, scope, scopeId, metric, window, max, used, reserved, needed } = quota;
  const { retryAfterSeconds } = quota;
  const isBudget = metric === 'cost_micro_usd';
  const amount = (value: number): string => amountOf(metric, value);
  const what = isBudget ? 'budget' : 'quota';
  const held = reserved ? `, ${amount(reserved)} are reserved by calls under way` : '';
  const smaller =
    metric === 'runs'
      ? ''
      : ` This call may need up to ${amount(needed)}; a smaller maxOutputTokens needs less.`;
  const detail = `The ${what} "${name}" allows ${SCOPES[scope]} ${amount(max)} a ${window} (UTC): ${amount(used)} are used${held}.${smaller} The next ${window} begins in ${retryAfterSeconds} s; an OWNER or ADMIN can raise it before under Settings → Plan & Usage.`;
  return new ClavigerError(isBudget ? 'budget_exceeded' : 'quota_exceeded', detail, {
    extras: { quotaId, scope, scopeId, metric, window, used, reserved, needed, max, retryAfterSeconds },
  });
}

function amountOf(metric: QuotaMetric, value: number): string {
  if (metric === 'cost_micro_usd') return `$${(value / 1_000_000).toFixed(value % 10_000 === 0 ? 2 : 6)}`;
  return `${value} ${UNITS[metric]}`;
}
