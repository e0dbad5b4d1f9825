import type { PolicyRefusal, StatePolicy } from '#lib/contracts';
import type { CallFacts, TargetFacts, ToolFacts } from './facts.js';
import { callFault, isTargetRule, targetFault, toolFault } from './judge-rule.js';

/** One rule that a call breaks. */
export type PolicyFinding = PolicyRefusal;

/** Every rule of these policies that the call itself breaks, whatever provider and model it gets. */
export function callFindings(policies: readonly StatePolicy[], facts: CallFacts): PolicyFinding[] {
  return policies.flatMap((policy) =>
    policy.rules.flatMap((rule, index) => {
      const fault = isTargetRule(rule) ? null : callFault(rule, facts);
      return fault === null ? [] : [finding(policy, index, fault, null)];
    }),
  );
}

/** Every rule about tools that these tools break, each told once: for what becomes known of a call only when it has begun. */
export function toolFindings(policies: readonly StatePolicy[], tools: readonly ToolFacts[]): PolicyFinding[] {
  return policies.flatMap((policy) =>
    policy.rules.flatMap((rule, index) => {
      if (rule.type !== 'tools') return [];
      const fault = tools.map((tool) => toolFault(rule, tool)).find((found) => found !== null);
      return fault === undefined || fault === null ? [] : [finding(policy, index, fault, null)];
    }),
  );
}

/** Every rule of these policies that going there breaks. */
export function targetFindings(policies: readonly StatePolicy[], target: TargetFacts): PolicyFinding[] {
  return policies.flatMap((policy) =>
    policy.rules.flatMap((rule, index) => {
      const fault = targetFault(rule, target);
      return fault === null ? [] : [finding(policy, index, fault, target)];
    }),
  );
}

/** What is only logged or told: everything of a call that goes on. */
export function mildFindings(
  policies: readonly StatePolicy[],
  facts: CallFacts,
  target: TargetFacts,
): PolicyFinding[] {
  const mild = policies.filter(({ severity }) => severity !== 'HIGH');
  return [...callFindings(mild, facts), ...targetFindings(mild, target)];
}

/** The most output tokens that the blocking policies leave a call; null when none says. */
export function outputTokenCap(policies: readonly StatePolicy[]): number | null {
  const caps = policies
    .filter(({ severity }) => severity === 'HIGH')
    .flatMap(({ rules }) => rules.flatMap((rule) => (rule.type === 'max_output_tokens' ? [rule.max] : [])));
  return caps.length === 0 ? null : Math.min(...caps);
}

function finding(
  policy: StatePolicy,
  index: number,
  fault: string,
  target: TargetFacts | null,
): PolicyFinding {
  const { id, name, version, scope, severity } = policy;
  return {
    policy: { id, name, version },
    scope,
    severity,
    rule: { index, type: policy.rules[index]!.type },
    provider: target?.provider ?? null,
    model: target?.model ?? null,
    fault,
  };
}
