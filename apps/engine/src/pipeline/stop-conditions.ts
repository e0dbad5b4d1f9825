import { ClavigerError, type StopReason } from '#lib/contracts';
import type { StepSoFar } from '#lib/providers';
import type { AgentSpec, StepRuleSpec, StopSpec } from './agent-spec.js';
import { sumUsage, usageOf } from './cost.js';
import type { Choice } from './decide.js';

/** What was done of a run, by its conditions: the steps of this part, what they cost, and what was done before a pause. */
export interface DoneSoFar {
  steps: readonly StepSoFar[];
  price: Choice['modelInfo']['price'];
  earlier: AgentSpec['earlier'];
}

/** The first of these conditions that holds now, by its type; null: none does (PRODUCT #33). */
export function stoppedBy(conditions: readonly StopSpec[], done: DoneSoFar): StopReason | null {
  return conditions.find((condition) => holds(condition, done))?.type ?? null;
}

function holds(condition: StopSpec, { steps, price, earlier }: DoneSoFar): boolean {
  const last = steps.at(-1);
  const used = (): ReturnType<typeof sumUsage> => {
    const parts = steps.map(({ usage }) => usageOf(usage, price));
    return sumUsage(earlier ? [earlier.usage, ...parts] : parts);
  };
  switch (condition.type) {
    case 'toolCall':
      return last?.calls.includes(condition.tool) ?? false;
    case 'text':
      return last?.text.includes(condition.contains) ?? false;
    case 'steps':
      return (earlier?.steps ?? 0) + steps.length >= condition.count;
    case 'tokens':
      return used().totalTokens >= condition.max;
    case 'costMicroUsd':
      return (used().costMicroUsd ?? 0) >= condition.max;
  }
}

/** The rule of a step, counted from 1 over the whole run: the first that covers it holds, alone. */
export function ruleOf(rules: readonly StepRuleSpec[], step: number): StepRuleSpec | undefined {
  return rules.find(({ from = 1, to = Infinity }) => from <= step && step <= to);
}

/** Throws model_not_available for a model whose calls have no known cost, where that is to stop the run. */
export function assertCountable({ stopWhen = [] }: AgentSpec, { model, provider, modelInfo }: Choice): void {
  const index = stopWhen.findIndex(({ type }) => type === 'costMicroUsd');
  if (index < 0 || modelInfo.price) return;
  const detail = `Model "${model.slice(0, 128)}" of ${provider.slug} has no known price, so that a cost cannot stop the run. Stop it by "tokens", pick a model with a price, or an OWNER can set its price under Settings → Plan & Usage → Prices.`;
  throw new ClavigerError('model_not_available', detail, {
    errors: [{ pointer: `/agent/stopWhen/${index}`, detail: 'The model has no known price.' }],
  });
}
