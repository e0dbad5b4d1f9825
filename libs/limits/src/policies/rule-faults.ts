import type { PolicyRule, PolicyRuleType } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';
import { compilePattern } from '../content/patterns/compile.js';
import { PII_KINDS } from '../content/rules.js';
import { isTimeZone } from './time-window.js';

/** A rule as it is sent: every field of every type, of the right shape already. */
export interface RuleInput {
  type: PolicyRuleType;
  [field: string]: unknown;
}

/** What a rule must have (all of `needs`, and one of `oneOf`), and what else it may have. */
interface Form {
  needs: readonly string[];
  oneOf?: readonly string[];
  may?: readonly string[];
}

const LISTS = ['allow', 'deny'] as const;
const FORMS: Record<PolicyRuleType, Form> = {
  providers: { needs: [], oneOf: LISTS },
  models: { needs: [], oneOf: LISTS },
  surfaces: { needs: [], oneOf: LISTS },
  tools: { needs: [], oneOf: [...LISTS, 'kinds'] },
  max_output_tokens: { needs: ['max'] },
  time_window: { needs: ['days', 'from', 'to', 'timeZone'] },
  pii: { needs: ['on', 'action'], may: ['kinds'] },
  pattern: { needs: ['pattern', 'on', 'action'] },
  judge: { needs: ['instruction', 'aiProviderId', 'model', 'on'] },
  retention: { needs: ['content'] },
};

/** Everything that is wrong with these rules beyond the shape of their fields, each with its pointer. */
export function ruleFaults(rules: readonly RuleInput[]): FieldFault[] {
  return rules.flatMap((rule, index) => faultsOf(rule, `/rules/${index}`));
}

/** The rules with the fields of their type alone; ask `ruleFaults` first. */
export function plainRules(rules: readonly RuleInput[]): PolicyRule[] {
  return rules.map((rule) => {
    const { needs, oneOf = [], may = [] } = FORMS[rule.type];
    const fields = ['type', ...needs, ...oneOf, ...may].filter((field) => rule[field] !== undefined);
    return Object.fromEntries(fields.map((field) => [field, rule[field]])) as PolicyRule;
  });
}

function faultsOf(rule: RuleInput, at: string): FieldFault[] {
  const { needs, oneOf = [], may = [] } = FORMS[rule.type];
  const given = Object.keys(rule).filter((field) => field !== 'type' && rule[field] !== undefined);
  const known = new Set([...needs, ...oneOf, ...may]);
  const faults = [
    ...given
      .filter((field) => !known.has(field))
      .map((field) => ({
        pointer: `${at}/${field}`,
        detail: `A rule of type ${rule.type} has no ${field}: remove it.`,
      })),
    ...needs
      .filter((field) => !given.includes(field))
      .map((field) => ({ pointer: `${at}/${field}`, detail: 'This field is required.' })),
  ];
  if (oneOf.length > 0 && !oneOf.some((field) => given.includes(field)))
    faults.push({ pointer: at, detail: `Give at least one of ${oneOf.join(', ')}.` });
  if (typeof rule['timeZone'] === 'string' && !isTimeZone(rule['timeZone']))
    faults.push({
      pointer: `${at}/timeZone`,
      detail: 'Give a time zone by its IANA name, e.g. Europe/Berlin.',
    });
  return [...faults, ...contentFaults(rule, at)];
}

/** What a rule asks for that cannot be looked for. */
function contentFaults({ type, pattern, kinds }: RuleInput, at: string): FieldFault[] {
  if (type === 'pattern' && typeof pattern === 'string') {
    const compiled = compilePattern(pattern);
    return 'fault' in compiled ? [{ pointer: `${at}/pattern`, detail: compiled.fault }] : [];
  }
  if (type !== 'pii' || !Array.isArray(kinds)) return [];
  return kinds.flatMap((kind: unknown, index) =>
    PII_KINDS.some((known) => known === kind)
      ? []
      : [{ pointer: `${at}/kinds/${index}`, detail: `Give kinds out of ${PII_KINDS.join(', ')}.` }],
  );
}
