import type { PolicyRefusal, StatePolicy } from '#lib/contracts';
import type { CallFacts } from './facts.js';
import { callFindings, targetFindings, type PolicyFinding } from './findings.js';
import { unknownFact } from './judge-rule.js';

/** A refusal by a policy, as a problem carries it. */
export interface PolicyGateRefusal {
  code: 'policy_violation';
  detail: string;
  extras: PolicyRefusal & Record<string, unknown>;
}

/** The policies' part of the gates (API.md: after the plan, before the curated list). */
export interface PolicyGate {
  /** What refuses the call, whatever provider and model it gets. */
  call: PolicyGateRefusal | null;
  /** What refuses a provider (a model of null), or one of its models. */
  target(provider: string, model: string | null): PolicyGateRefusal | null;
  /** What the gate says where it lets a call through. */
  passed: string;
}

/** The gate that these policies make for a call. Only severity HIGH closes it; of several the first speaks. */
export function policyGate(policies: readonly StatePolicy[], facts: CallFacts): PolicyGate {
  const blocking = policies.filter(({ severity }) => severity === 'HIGH');
  const [first] = callFindings(blocking, facts);
  return {
    call: first ? refusalOf(first) : null,
    target: (provider, model) => {
      const [found] = targetFindings(blocking, { provider, model });
      return found ? refusalOf(found) : null;
    },
    passed: passed(policies, facts),
  };
}

const SCOPES = {
  organization: 'the whole organization',
  workspace: 'this workspace',
  token: 'this token',
} as const;

export function refusalOf(finding: PolicyFinding): PolicyGateRefusal {
  const { policy, scope, rule, fault } = finding;
  return {
    code: 'policy_violation',
    detail: `Policy "${policy.name}" for ${SCOPES[scope.type]} (severity HIGH) refuses this: the call ${fault}, against its rule ${rule.index + 1} (${rule.type}). An OWNER or ADMIN can change the policy, or approve an exception from it for a time, under Settings → Policies.`,
    extras: { ...finding },
  };
}

/** A policy of which a rule waits for what is not known is not said to allow anything. */
function passed(policies: readonly StatePolicy[], facts: CallFacts): string {
  if (policies.length === 0) return 'No policy applies.';
  const named = ({ name, severity }: StatePolicy): string => `"${name}" (${severity})`;
  const open = policies.map((policy) => ({ policy, rules: unjudged(policy, facts) }));
  const judged = open.filter(({ rules }) => rules.length === 0).map(({ policy }) => named(policy));
  const waiting = open.flatMap(({ policy, rules }) => rules.map((rule) => `${named(policy)}, ${rule}`));
  return [
    ...(judged.length > 0 ? [`Allowed by ${judged.join(', ')}.`] : []),
    ...(waiting.length > 0 ? [`Not judged: ${waiting.join('; ')}.`] : []),
  ].join(' ');
}

function unjudged({ rules }: StatePolicy, facts: CallFacts): string[] {
  return rules.flatMap((rule, index) => {
    const unknown = unknownFact(rule, facts);
    return unknown === null ? [] : [`rule ${index + 1} (${rule.type}): it is not known here ${unknown}`];
  });
}
