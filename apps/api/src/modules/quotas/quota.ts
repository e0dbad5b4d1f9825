import type { QuotaMetric, QuotaMode, QuotaScope, QuotaWindow } from '#lib/contracts';

/** What may be changed of a quota; what it counts is fixed, or its count would mean nothing. */
export interface QuotaSettings {
  name: string;
  max: number;
  mode: QuotaMode;
  /** Per cent of `max`, ascending. */
  thresholds: number[];
}

export interface NewQuota extends QuotaSettings {
  scope: QuotaScope;
  metric: QuotaMetric;
  window: QuotaWindow;
}

/** A quota with the state of its window that is now. */
export interface Quota extends NewQuota {
  orgId: string;
  id: string;
  revision: number;
  used: number;
  reserved: number;
  resetsAt: Date;
  createdAt: Date;
  updatedAt: Date;
}

/** The settings that differ, before and after, for the audit log. */
export function changedSettings(before: QuotaSettings, after: QuotaSettings): Record<string, unknown> {
  const names = ['name', 'max', 'mode', 'thresholds'] as const;
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return Object.fromEntries(changed.map((name) => [name, { before: before[name], after: after[name] }]));
}
