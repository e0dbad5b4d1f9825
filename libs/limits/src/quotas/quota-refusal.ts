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

/** Whether all that a quota counts is the caller's own. Of the others a caller is not told how much the rest of the organization uses. */
const IS_OWN: Record<QuotaScopeType, boolean> = {
  organization: false,
  workspace: true,
  token: true,
  key: false,
};

/**
 * The refusal of the quota that is full for longest: `budget_exceeded` for money, `quota_exceeded` for all else. It reaches whoever
 * made the call, and whoever looks at its run: name and figures stand in it where they are of the workspace or the token alone.
 */
export function quotaExceeded(full: readonly FullQuota[]): ClavigerError {
  const quota = [...full].sort((a, b) => b.retryAfterSeconds - a.retryAfterSeconds)[0]!;
  const { quotaId, scope, scopeId, metric, window, max, used, reserved, needed, retryAfterSeconds } = quota;
  const isOwn = IS_OWN[scope];
  const smaller =
    metric === 'runs'
      ? ''
      : ` This call may need up to ${amountOf(metric, needed)}; a smaller maxOutputTokens needs less.`;
  const raise = isOwn ? 'can raise it before' : 'sees how much of it is used, and can raise it before,';
  const detail = `${isOwn ? inFull(quota) : inShort(quota)}${smaller} The next ${window} begins in ${retryAfterSeconds} s; an OWNER or ADMIN ${raise} under Settings → Plan & Usage.`;
  return new ClavigerError(codeOf(metric), detail, {
    extras: {
      ...{ quotaId, scope, scopeId, metric, window, needed, retryAfterSeconds },
      ...(isOwn && { used, reserved, max }),
    },
  });
}

function codeOf(metric: QuotaMetric): 'budget_exceeded' | 'quota_exceeded' {
  return metric === 'cost_micro_usd' ? 'budget_exceeded' : 'quota_exceeded';
}

function inFull({ name, scope, metric, window, max, used, reserved }: FullQuota): string {
  const amount = (value: number): string => amountOf(metric, value);
  const held = reserved ? `, ${amount(reserved)} are reserved by calls under way` : '';
  return `The ${kindOf(metric)} "${name}" allows ${SCOPES[scope]} ${amount(max)} a ${window} (UTC): ${amount(used)} are used${held}.`;
}

function inShort({ scope, metric, window }: FullQuota): string {
  return `A ${kindOf(metric)} of ${SCOPES[scope]} has no room for this call in this ${window} (UTC).`;
}

function kindOf(metric: QuotaMetric): string {
  return metric === 'cost_micro_usd' ? 'budget' : `quota of ${UNITS[metric]}`;
}

function amountOf(metric: QuotaMetric, value: number): string {
  if (metric === 'cost_micro_usd') return `$${(value / 1_000_000).toFixed(value % 10_000 === 0 ? 2 : 6)}`;
  return `${value} ${UNITS[metric]}`;
}
