import type { ContentAction, PiiKind } from './rules.js';

/** `unread`: what a pattern would have cost too much to judge; it counts like a match. */
export type FindingKind = PiiKind | 'pattern' | 'unread';

/** A place in the original text, in UTF-16 units; `end` is the first unit after it. */
export interface Finding {
  /** The rule's place in the list that was compiled. */
  ruleIndex: number;
  kind: FindingKind;
  start: number;
  end: number;
}

/** A finding on its way: scanners may still lengthen it while it is `open`. */
export interface Candidate extends Finding {
  action: ContentAction;
  open: boolean;
}

export type Verdict = 'pass' | 'redact' | 'block';

/** What stands in the text instead, always the same for a kind, so that a model still sees what sort of thing was there. */
const REPLACEMENTS: Record<FindingKind, string> = {
  email: '[EMAIL]',
  phone: '[PHONE]',
  credit_card: '[CREDIT_CARD]',
  iban: '[IBAN]',
  us_ssn: '[SSN]',
  national_id: '[NATIONAL_ID]',
  ipv4: '[IP_ADDRESS]',
  ipv6: '[IP_ADDRESS]',
  mac: '[MAC_ADDRESS]',
  date_of_birth: '[DATE_OF_BIRTH]',
  secret: '[SECRET]',
  pattern: '[REDACTED]',
  unread: '[REDACTED]',
};

export function replacementFor(kind: FindingKind): string {
  return REPLACEMENTS[kind];
}

/** How sure a kind is of itself, best first: where two overlap, the surer one names the place. */
const SURENESS: FindingKind[] = [
  'secret',
  'pattern',
  'unread',
  'iban',
  'credit_card',
  'email',
  'us_ssn',
  'national_id',
  'date_of_birth',
  'ipv4',
  'ipv6',
  'mac',
  'phone',
];

/** Below zero when `a` is to be preferred to `b`: the surer kind, then the longer place, then the earlier one. */
export function bySureness(a: Finding, b: Finding): number {
  return (
    SURENESS.indexOf(a.kind) - SURENESS.indexOf(b.kind) ||
    b.end - b.start - (a.end - a.start) ||
    a.start - b.start
  );
}
