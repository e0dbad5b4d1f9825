/** What the detector knows to look for. Names of persons and postal addresses are not among them: see ./pii/detectors.ts. */
export const PII_KINDS = [
  'email',
  'phone',
  'credit_card',
  'iban',
  'us_ssn',
  'national_id',
  'ipv4',
  'ipv6',
  'mac',
  'date_of_birth',
  'secret',
] as const;
export type PiiKind = (typeof PII_KINDS)[number];

/** Which way a text goes: to the model, or from it (and from its tools) to the caller. */
export type Direction = 'input' | 'output';
export type RuleDirection = Direction | 'both';

/** `detect` only tells, `redact` replaces, `block` lets nothing through. */
export type ContentAction = 'detect' | 'redact' | 'block';

/** `kinds` left out: all of them. */
export interface PiiRule {
  type: 'pii';
  kinds?: PiiKind[];
  on: RuleDirection;
  action: ContentAction;
}

/** A regular expression in RE2's syntax: no backreferences, no lookaround (./patterns/compile.ts). */
export interface PatternRule {
  type: 'pattern';
  pattern: string;
  on: RuleDirection;
  action: ContentAction;
}

export type ContentRule = PiiRule | PatternRule;
