import type { PolicyRule, PolicyScope, PolicySeverity } from '#lib/contracts';

/** What of a policy can be changed. */
export interface PolicySettings {
  name: string;
  description: string;
  scope: PolicyScope;
  severity: PolicySeverity;
  enabled: boolean;
  rules: PolicyRule[];
}

/** What is kept of a policy beside its settings: the keys that its judges were given, by somebody who may assign them. */
export interface PolicyWrite extends PolicySettings {
  judgeGrants: string[];
}

/** A version of it: what it was, and who made it so. */
export interface PolicyVersion extends PolicySettings {
  version: number;
  /** `usr_…` or `tok_…` */
  changedBy: string;
  changedAt: Date;
}

/** What goes on around a policy. */
export interface PolicyCounts {
  /** Violations of the last 30 days. */
  violations: number;
  lastViolationAt: Date | null;
  /** Exceptions that are in force. */
  approvals: number;
}

/** `[before, after]` of what a change changes; nothing when it changes nothing. */
export function changesBetween(before: PolicyWrite, after: PolicyWrite): Record<string, unknown> {
  const fields = ['name', 'description', 'scope', 'severity', 'enabled', 'rules', 'judgeGrants'] as const;
  return Object.fromEntries(
    fields
      .filter((field) => canonical(before[field]) !== canonical(after[field]))
      .map((field) => [field, [before[field], after[field]]]),
  );
}

/** The same text for the same value: the database does not keep the order of an object's fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) =>
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}
