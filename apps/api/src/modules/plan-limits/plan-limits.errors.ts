import { ClavigerError } from '#lib/contracts';
import { countOf, howToRaise, type CountedResource } from './plan-limit.js';

/** 403 of a counted limit: `limit` names it, `used` and `max` are the figures that refused the request. */
export function planLimitReached(
  orgId: string,
  plan: string,
  resource: CountedResource,
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
