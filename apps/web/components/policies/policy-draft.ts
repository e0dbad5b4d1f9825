import type { NewPolicy, Policy, PolicyRule, PolicySeverity } from '@/lib/api/types';
import { RULE_TYPES, type RuleType } from './rule-words';

/** A rule while it is written: lists are lines of text. */
export interface RuleDraft {
  type: RuleType;
  allow: string;
  deny: string;
  kinds: string[];
  max: string;
  days: number[];
  from: string;
  to: string;
  timeZone: string;
  on: NonNullable<PolicyRule['on']>;
  action: NonNullable<PolicyRule['action']>;
  pattern: string;
  instruction: string;
  aiProviderId: string;
  model: string;
  content: NonNullable<PolicyRule['content']>;
  /** A rule that this form cannot write is kept as it is. */
  kept: PolicyRule | null;
}

export interface PolicyDraftState {
  name: string;
  description: string;
  /** `organization`, or the id of a workspace or a token. */
  covers: string;
  severity: PolicySeverity;
  enabled: boolean;
  rules: RuleDraft[];
}

const WRITABLE: readonly string[] = RULE_TYPES.map(({ type }) => type);

export function newRule(type: RuleType): RuleDraft {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
  return {
    type,
    ...{ allow: '', deny: '', kinds: [], max: '4096' },
    ...{ days: [1, 2, 3, 4, 5], from: '08:00', to: '18:00', timeZone },
    ...{ on: 'both', action: 'redact', pattern: '', instruction: '', aiProviderId: '', model: '' },
    content: 'metadata',
    kept: null,
  };
}

export function draftOf(policy: Policy | null): PolicyDraftState {
  if (!policy)
    return {
      ...{ name: '', description: '', covers: 'organization', severity: 'HIGH', enabled: true },
      rules: [newRule('models')],
    };
  const { name, description, scope, severity, enabled, rules } = policy;
  return {
    name,
    description,
    covers: scope.id ?? 'organization',
    severity,
    enabled,
    rules: rules.map(ruleDraft),
  };
}

/** The policy as the control plane takes it. */
export function policyOf(draft: PolicyDraftState): NewPolicy {
  const { name, description, covers, severity, enabled, rules } = draft;
  return {
    name: name.trim(),
    description: description.trim(),
    scope:
      covers === 'organization'
        ? { type: 'organization' }
        : { type: covers.startsWith('ws_') ? 'workspace' : 'token', id: covers },
    ...{ severity, enabled },
    rules: rules.map(ruleOf),
  };
}

function ruleDraft(rule: PolicyRule): RuleDraft {
  const blank = newRule(rule.type);
  return {
    type: rule.type,
    allow: rule.allow?.join('\n') ?? '',
    deny: rule.deny?.join('\n') ?? '',
    kinds: rule.kinds ?? [],
    max: String(rule.max ?? blank.max),
    days: rule.days ?? blank.days,
    from: rule.from ?? blank.from,
    to: rule.to ?? blank.to,
    timeZone: rule.timeZone ?? blank.timeZone,
    on: rule.on ?? blank.on,
    action: rule.action ?? blank.action,
    pattern: rule.pattern ?? '',
    instruction: rule.instruction ?? '',
    aiProviderId: rule.aiProviderId ?? '',
    model: rule.model ?? '',
    content: rule.content ?? blank.content,
    kept: WRITABLE.includes(rule.type) ? null : rule,
  };
}

function ruleOf({ type, kept, ...draft }: RuleDraft): PolicyRule {
  if (kept) return kept;
  if (type === 'max_output_tokens') return { type, max: Number(draft.max) };
  if (type === 'time_window') {
    const { days, from, to, timeZone } = draft;
    return { type, days, from, to, timeZone };
  }
  const { kinds, on, action, pattern, instruction, aiProviderId, model, content } = draft;
  if (type === 'pii') return { type, ...(kinds.length > 0 && { kinds }), on, action };
  if (type === 'pattern') return { type, pattern, on, action };
  if (type === 'judge') return { type, instruction, aiProviderId, model: model.trim(), on };
  if (type === 'retention') return { type, content };
  const [allow, deny] = [lines(draft.allow), lines(draft.deny)];
  return {
    type,
    ...(allow.length > 0 && { allow }),
    ...(deny.length > 0 && { deny }),
    ...(type === 'tools' && draft.kinds.length > 0 && { kinds: draft.kinds }),
  };
}

function lines(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
