/** What a policy covers. A lower scope adds to the ones above it and never overrides them (PRODUCT #46). */
export type PolicyScope =
  { type: 'organization' } | { type: 'workspace'; id: string } | { type: 'token'; id: string };

/** LOW: the violation is logged. MEDIUM: it is logged and told. HIGH: the call is refused. */
export const POLICY_SEVERITIES = ['LOW', 'MEDIUM', 'HIGH'] as const;
export type PolicySeverity = (typeof POLICY_SEVERITIES)[number];

export const POLICY_RULE_TYPES = [
  'providers',
  'models',
  'surfaces',
  'tools',
  'max_output_tokens',
  'time_window',
  'pii',
  'pattern',
  'judge',
  'retention',
] as const;
export type PolicyRuleType = (typeof POLICY_RULE_TYPES)[number];

export const TOOL_KINDS = ['http', 'mcp', 'client'] as const;
export type ToolKind = (typeof TOOL_KINDS)[number];

/** Which side of a call a content rule reads. */
export const CONTENT_SIDES = ['input', 'output', 'both'] as const;
export type ContentSide = (typeof CONTENT_SIDES)[number];

export const CONTENT_ACTIONS = ['detect', 'redact', 'block'] as const;
export type ContentAction = (typeof CONTENT_ACTIONS)[number];

export const RETENTION_LEVELS = ['full', 'metadata', 'none'] as const;
export type RetentionLevel = (typeof RETENTION_LEVELS)[number];

/** A deny beats every allow; an `allow` that is there admits what it names and nothing else. */
export type PolicyRule =
  /** Slugs. */
  | { type: 'providers'; allow?: string[]; deny?: string[] }
  /** Globs (`*`, `?`) over `model` and `provider/model`. */
  | { type: 'models'; allow?: string[]; deny?: string[] }
  | { type: 'surfaces'; allow?: string[]; deny?: string[] }
  /** Globs over names; `kinds` are the kinds that are allowed. */
  | { type: 'tools'; allow?: string[]; deny?: string[]; kinds?: ToolKind[] }
  | { type: 'max_output_tokens'; max: number }
  /** Calls are allowed inside it only. Days from 0, Sunday; `HH:MM`; an IANA zone. A window over midnight belongs to the day it begins on. */
  | { type: 'time_window'; days: number[]; from: string; to: string; timeZone: string }
  | { type: 'pii'; kinds?: string[]; on: ContentSide; action: ContentAction }
  | { type: 'pattern'; pattern: string; on: ContentSide; action: ContentAction }
  | { type: 'judge'; instruction: string; aiProviderId: string; model: string; on: ContentSide }
  | { type: 'retention'; content: RetentionLevel };

export interface Policy {
  /** `pol_…` */
  id: string;
  orgId: string;
  /** Unique in the organization. */
  name: string;
  description: string;
  scope: PolicyScope;
  severity: PolicySeverity;
  enabled: boolean;
  rules: PolicyRule[];
  /** Goes up with every change; each has a row of its own. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** A policy as the authorised state has it: enabled, covering this caller, and with no exception in force. */
export type StatePolicy = Pick<Policy, 'id' | 'name' | 'scope' | 'severity' | 'rules' | 'version'>;

/** What came of a violation. */
export const VIOLATION_ACTIONS = ['logged', 'alerted', 'blocked'] as const;
export type ViolationAction = (typeof VIOLATION_ACTIONS)[number];

/** The members that a `policy_violation` problem carries. */
export interface PolicyRefusal {
  policy: { id: string; name: string; version: number };
  scope: PolicyScope;
  severity: PolicySeverity;
  /** Which of the policy's rules, from 0. */
  rule: { index: number; type: PolicyRuleType };
  /** What it was that the rule forbids, where it is about one. */
  provider: string | null;
  model: string | null;
  /** What the call does, as half a sentence after "the call". */
  fault: string;
}
