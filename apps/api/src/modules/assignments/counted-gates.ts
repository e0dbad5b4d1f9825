import {
  executionsRefusal,
  worstCostMicroUsd,
  type GateTrace,
  type ModelChoice,
  type Refusal,
} from '#lib/catalog';
import type { AuthorisedState, KnownQuotaRoom, StateAssignment } from '#lib/contracts';
import {
  capsOutput,
  DEFAULT_OUTPUT_TOKENS,
  expectedBytes,
  inputBound,
  MAX_DELAY_MS,
  outputTokenCap,
  quotaAmount,
  quotaExceeded,
  quotasFor,
  rateLimited,
  secondsOf,
  type QuotaUse,
  type RateDelay,
} from '#lib/limits';

/** What is counted for one choice, as it is in this moment. */
export interface Counts {
  /** Why a call would wait; null: it would not. undefined: the counts cannot be read right now. */
  delay: RateDelay | null | undefined;
  executions: { used: number; max: number | null };
  quotas: readonly KnownQuotaRoom[];
}

export type CountedGate = 'rate' | 'executions' | 'budget';
/** What the gates of `Counts` say, in the order in which a run draws from them, up to the first that refuses. */
export interface CountedVerdict {
  trace: GateTrace[];
  refused: (Pick<Refusal, 'code' | 'detail'> & { gate: CountedGate }) | null;
}

/** What is known of the call. How long its texts are is not: the least that any call needs is asked for. */
export interface SmallestCall {
  needsTools: boolean;
  maxOutputTokens: number | undefined;
}

const SMALLEST = expectedBytes({ messages: [{ role: 'user', content: '.' }], tools: [] });

/** The end that its answer gets, as the engines give it: what it names, else a policy's, else one where a quota needs it. */
export function outputTokensOf(
  { quotas, policies }: Pick<AuthorisedState, 'quotas' | 'policies'>,
  aiProviderId: string,
  { maxOutputTokens }: SmallestCall,
): number | undefined {
  const needsEnd = capsOutput(quotasFor(quotas, aiProviderId));
  return maxOutputTokens ?? outputTokenCap(policies) ?? (needsEnd ? DEFAULT_OUTPUT_TOKENS : undefined);
}

/** The least that a call with this choice reserves before it is sent. */
export function leastUse(
  { modelInfo }: Pick<ModelChoice<StateAssignment>, 'modelInfo'>,
  { needsTools }: SmallestCall,
  outputTokens: number,
): QuotaUse {
  const inputTokens = inputBound(SMALLEST, needsTools);
  const costMicroUsd = worstCostMicroUsd(modelInfo.price, { inputTokens, outputTokens });
  return { inputTokens, outputTokens, costMicroUsd };
}

/** Whether a call that uses at least so much has room now, in the words that it would be refused with. */
export function countedGates(counts: Counts, use: QuotaUse, now: Date): CountedVerdict {
  const trace: GateTrace[] = [];
  const asked: [CountedGate, string | Pick<Refusal, 'code' | 'detail'>][] = [
    ['rate', rate(counts.delay)],
    ['executions', executions(counts.executions)],
    ['budget', budget(counts.quotas, use, now)],
  ];
  for (const [gate, said] of asked) {
    if (typeof said !== 'string') {
      const { code, detail } = said;
      return { trace: [...trace, { gate, ok: false, detail }], refused: { gate, code, detail } };
    }
    trace.push({ gate, ok: true, detail: said });
  }
  return { trace, refused: null };
}

function rate(delay: Counts['delay']): string | Pick<Refusal, 'code' | 'detail'> {
  if (delay === undefined) return 'Not judged: the counts of the rate limits cannot be read right now.';
  if (delay === null) return 'No rate limit is used up.';
  if (delay.waitMs <= MAX_DELAY_MS)
    return `${delay.name} is at its rate limit: a call waits about ${secondsOf(delay.waitMs)} s for room.`;
  const { code, message: detail } = rateLimited(delay);
  return { code, detail };
}

function executions({ used, max }: Counts['executions']): string | Pick<Refusal, 'code' | 'detail'> {
  if (max === null) return 'The plan does not limit executions.';
  if (used >= max) return executionsRefusal(used, max);
  return `${used} of the ${max} executions that the plan allows this month (UTC) are used.`;
}

function budget(
  quotas: readonly KnownQuotaRoom[],
  use: QuotaUse,
  now: Date,
): string | Pick<Refusal, 'code' | 'detail'> {
  const full = quotas
    .filter(({ mode }) => mode === 'enforce')
    .map((quota) => ({ ...quota, needed: quotaAmount(quota.metric, use) }))
    .filter(({ used, reserved, needed, max }) => used + reserved + needed > max)
    .map(({ resetsAt, ...quota }) => {
      const retryAfterSeconds = secondsOf(new Date(resetsAt).getTime() - now.getTime());
      return { ...quota, retryAfterSeconds };
    });
  if (full.length > 0) {
    const { code, message: detail } = quotaExceeded(full);
    return { code, detail };
  }
  if (quotas.length === 0) return 'No quota and no budget covers it.';
  return (
    `The shortest call fits (up to ${use.inputTokens} input and ${use.outputTokens} output tokens); ` +
    'a longer one reserves more, and is judged when it is made.'
  );
}
