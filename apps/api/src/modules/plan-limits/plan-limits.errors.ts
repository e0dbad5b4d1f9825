import { ClavigerError } from '#lib/contracts';
import { countOf, howToRaise, type ClaimedResource, type CountedResource } from './plan-limit.js';

/** 403 of a counted limit: `limit` names it, `used` and `max` are the figures that refused the request. */
export function planLimitReached(
  orgId: string,
  plan: string,
  resource: ClaimedResource,
  used: number,
  max: number,
): ClavigerError {
  return new ClavigerError(
    'plan_limit_reached',
    `Your plan "${plan}" allows ${countOf(resource, max)}, and ${used} are in use. ` +
      `Remove one that is no longer needed, or: ${howToRaise(plan, orgId)}`,
    { extras: { limit: resource, used, max } },
  );
}

const WHAT: Record<CountedResource, { is: string; may: string }> = {
  keys: { is: 'This provider key', may: 'disabled, taken from workspaces and deleted' },
  workspaces: { is: 'This workspace', may: 'emptied and deleted' },
  members: { is: 'This member', may: 'given a lower role and removed' },
};

/** 403 of a write to what exceeds the plan (PRODUCT #43): it can be seen and made less, nothing else. */
export function planReadOnly(
  orgId: string,
  plan: string,
  resource: CountedResource,
  max: number | null,
): ClavigerError {
  const { is, may } = WHAT[resource];
  return new ClavigerError(
    'plan_read_only',
    `${is} exceeds what your plan "${plan}" allows${max === null ? '' : ` (${countOf(resource, max)})`} and is read-only: it can be ` +
      `${may}. Remove older ones that are no longer needed, or: ${howToRaise(plan, orgId)}`,
    { extras: { limit: resource, max } },
  );
}

/** 403 of a question about days that are older than the plan's history. */
export function historyTooShort(orgId: string, plan: string, asked: number, max: number): ClavigerError {
  return new ClavigerError(
    'plan_limit_reached',
    `Your plan "${plan}" shows the last ${max} days (UTC), and this asks for ${asked}. Older receipts are kept. ` +
      `Ask for fewer days, or: ${howToRaise(plan, orgId)}`,
    { extras: { limit: 'historyDays', used: asked, max } },
  );
}
