import { referenceAnswer } from './answer.js';
import { no } from './words.js';
import type { RefAnswer, RefQuota, RefRequest, RefWorld } from './world.js';

/** Where nobody says how long the answer may be and a quota must know (ADR 27). */
const UNSAID = 4_096;

/** What happens to a call when what is counted is asked, too: executions before quotas, of the key that it goes to and no other. */
export function referenceCounted(world: RefWorld, request: RefRequest): RefAnswer {
  const answer = referenceAnswer(world, request);
  if (!answer.ok) return answer;
  const { used, max } = world.executions;
  if (max !== null && used + 1 > max) return no('executions', 'plan_limit_reached');
  const end = request.maxOutputTokens ?? shortest(world) ?? UNSAID;
  for (const quota of world.quotas) {
    if (!quota.enforced) continue;
    if (quota.key !== null && quota.key !== answer.key) continue;
    if (quota.used + leastOf(quota, end) <= quota.max) continue;
    return no('budget', quota.metric === 'cost_micro_usd' ? 'budget_exceeded' : 'quota_exceeded');
  }
  return answer;
}

/** The most output that the blocking policies leave a call which names none. */
function shortest({ policies }: RefWorld): number | undefined {
  let most: number | undefined;
  for (const { severity, rules } of policies) {
    if (severity !== 'HIGH') continue;
    for (const rule of rules)
      if (rule.type === 'max_output_tokens' && (most === undefined || rule.max < most)) most = rule.max;
  }
  return most;
}

/** Of money, what is left in these worlds is nothing or plenty: no call costs nothing, and none costs plenty. */
function leastOf({ metric }: RefQuota, end: number): number {
  return metric === 'output_tokens' ? end : 1;
}
