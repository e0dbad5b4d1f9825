import type { PolicyRule, PolicySeverity, PolicyViolation } from '@/lib/api/types';

export type RuleType = PolicyRule['type'];

/** The rules that can be made here, by what they are about. */
export const RULE_TYPES: readonly { type: RuleType; label: string }[] = [
  { type: 'models', label: 'Models' },
  { type: 'providers', label: 'Providers' },
  { type: 'surfaces', label: 'Surfaces' },
  { type: 'tools', label: 'Tools' },
  { type: 'max_output_tokens', label: 'Output tokens' },
  { type: 'time_window', label: 'Time of day' },
  { type: 'pii', label: 'Personal data' },
  { type: 'pattern', label: 'Pattern' },
  { type: 'judge', label: 'A judge' },
  { type: 'retention', label: 'What is kept' },
];

export const PII_LABELS: Record<string, string> = {
  email: 'E-mail addresses',
  phone: 'Phone numbers',
  credit_card: 'Credit cards',
  iban: 'IBANs',
  us_ssn: 'US social security numbers',
  national_id: 'National ids',
  date_of_birth: 'Dates of birth',
  ipv4: 'IPv4 addresses',
  ipv6: 'IPv6 addresses',
  mac: 'MAC addresses',
  secret: 'Keys and passwords',
};

export const SIDE_LABELS: Record<NonNullable<PolicyRule['on']>, string> = {
  both: 'what is sent and what is answered',
  input: 'what is sent to a model',
  output: 'what it answers',
};

export const ACTION_CHOICES: Record<NonNullable<PolicyRule['action']>, string> = {
  redact: 'replaced by its kind',
  block: 'a broken rule: refused if this policy refuses',
  detect: 'recorded, and goes on as it is',
};

export const RETENTION_LABELS: Record<NonNullable<PolicyRule['content']>, string> = {
  full: 'what was asked, what was answered, steps, use and cost',
  metadata: 'steps, use and cost, nothing that was said',
  none: 'that it ran, and its receipts',
};

export const SEVERITY_WORDS: Record<PolicySeverity, string> = {
  LOW: 'Log',
  MEDIUM: 'Alert',
  HIGH: 'Block',
};

export const ACTION_WORDS: Record<PolicyViolation['action'], string> = {
  logged: 'Logged',
  alerted: 'Alerted',
  blocked: 'Blocked',
};

export const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** A rule as a short sentence. */
export function ruleWords(rule: PolicyRule): string {
  const label = RULE_TYPES.find(({ type }) => type === rule.type)?.label ?? rule.type;
  if (rule.type === 'max_output_tokens') return `At most ${rule.max} output tokens`;
  if (rule.type === 'time_window') {
    const days = rule.days?.length === 7 ? 'every day' : rule.days?.map((day) => DAY_NAMES[day]).join(', ');
    return `Only ${days}, ${rule.from} to ${rule.to} (${rule.timeZone})`;
  }
  const said = contentWords(rule);
  if (said !== null) return said;
  const parts = [
    rule.allow && `only ${rule.allow.join(', ')}`,
    rule.deny && `not ${rule.deny.join(', ')}`,
    rule.kinds && `of kind ${rule.kinds.join(' or ')}`,
  ].filter((part) => part !== undefined);
  return `${label}: ${parts.join('; ')}`;
}

/** A rule about what is said; null for one that is about something else. */
function contentWords({ type, kinds, on, action, pattern, instruction, content }: PolicyRule): string | null {
  const where = on ? `in ${SIDE_LABELS[on]}` : '';
  const done = action === 'redact' ? 'redacted' : action === 'block' ? 'not allowed' : 'recorded';
  switch (type) {
    case 'pii':
      return `Personal data (${kinds ? kinds.map((kind) => PII_LABELS[kind] ?? kind).join(', ') : 'all kinds'}) ${where}: ${done}`;
    case 'pattern':
      return `Pattern ${pattern} ${where}: ${done}`;
    case 'judge':
      return `A judge ${where}: ${instruction}`;
    case 'retention':
      return `Kept of a run: ${content ? RETENTION_LABELS[content] : ''}`;
    default:
      return null;
  }
}
