import type { ContentAction, PolicyRule, PolicySeverity, RetentionLevel, StatePolicy } from '#lib/contracts';
import { compileRules, joinRules, type CompiledRules } from './compile-rules.js';
import { strictestRetention } from './retention.js';
import { PII_KINDS, type ContentRule, type PiiKind } from './rules.js';

/** A rule of a policy, by its place. */
export interface PlacedRule<R extends PolicyRule = PolicyRule> {
  policy: StatePolicy;
  /** Which of the policy's rules, from 0. */
  index: number;
  rule: R;
}

export type JudgeRule = Extract<PolicyRule, { type: 'judge' }>;

/** What one policy, or all that cover a call, ask of what is said. */
export interface PolicyContent {
  compiled: CompiledRules;
  /** The rule behind each `ruleIndex` of `compiled`. */
  texts: PlacedRule[];
  judges: PlacedRule<JudgeRule>[];
  retention: RetentionLevel;
}

/** A policy with a rule that cannot be applied here. */
export interface UnfitPolicy {
  unfit: PlacedRule;
  detail: string;
}

/**
 * What a rule does at a severity. Only HIGH refuses, as with every other rule: below it a `block` tells what it found. `redact` and
 * `detect` do at every severity what they say; the severity is then how loudly it is told.
 */
export function actionAt(severity: PolicySeverity, action: ContentAction): ContentAction {
  return action === 'block' && severity !== 'HIGH' ? 'detect' : action;
}

/** Compiles the rules of a policy that read or keep what is said. Make it once for each version: compiling costs far more than running. */
export function policyContent(policy: StatePolicy): PolicyContent | UnfitPolicy {
  const texts: PlacedRule[] = [];
  const wanted: ContentRule[] = [];
  const judges: PlacedRule<JudgeRule>[] = [];
  const levels: RetentionLevel[] = [];
  for (const [index, rule] of policy.rules.entries()) {
    if (rule.type === 'judge') judges.push({ policy, index, rule });
    if (rule.type === 'retention') levels.push(rule.content);
    if (rule.type !== 'pii' && rule.type !== 'pattern') continue;
    const placed = { policy, index, rule };
    const action = actionAt(policy.severity, rule.action);
    if (rule.type === 'pattern') wanted.push({ ...rule, action });
    else {
      const kinds = rule.kinds && knownKinds(rule.kinds);
      if (kinds === null) return { unfit: placed, detail: 'It looks for a kind that is not known here.' };
      wanted.push({ type: 'pii', on: rule.on, action, ...(kinds && { kinds }) });
    }
    texts.push(placed);
  }
  const compiled = compileRules(wanted);
  if ('faults' in compiled) {
    const [first] = compiled.faults;
    return { unfit: texts[first?.ruleIndex ?? 0]!, detail: first?.detail ?? '' };
  }
  return { compiled, texts, judges, retention: strictestRetention(levels) };
}

/** What several policies ask together: a text is read once by all of them, so that none hides from another what it replaces. */
export function joinContent(parts: readonly PolicyContent[]): PolicyContent {
  return {
    compiled: joinRules(parts.map(({ compiled, texts }) => ({ compiled, count: texts.length }))),
    texts: parts.flatMap(({ texts }) => texts),
    judges: parts.flatMap(({ judges }) => judges),
    retention: strictestRetention(parts.map(({ retention }) => retention)),
  };
}

/**
 * The rules that can change, stop or refuse what is said, by what they say and how severe they are. A run that is under way by fewer
 * of them than cover it now has said things that nothing read.
 */
export function actingRules({ texts, judges }: PolicyContent): Map<string, PlacedRule> {
  const acting = texts.filter(({ policy, rule }) => 'action' in rule && acts(policy.severity, rule.action));
  const strict = judges.filter(({ policy }) => policy.severity === 'HIGH');
  return new Map(
    [...acting, ...strict].map((placed) => [canonical(placed.policy.severity, placed.rule), placed]),
  );
}

function acts(severity: PolicySeverity, action: ContentAction): boolean {
  return actionAt(severity, action) !== 'detect';
}

/** The same text for the same rule: the database does not keep the order of its members. */
function canonical(severity: PolicySeverity, rule: PolicyRule): string {
  return JSON.stringify([severity, Object.entries(rule).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** null when one is not known. */
function knownKinds(kinds: readonly string[]): PiiKind[] | null {
  const known = PII_KINDS.filter((kind) => kinds.includes(kind));
  return known.length === new Set(kinds).size ? known : null;
}
