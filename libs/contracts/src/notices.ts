/** What a notice to OWNERs is about. */
export const NOTICE_KINDS = [
  'aiProvider.expiring',
  'aiProvider.expired',
  'aiProvider.failing',
  'quota.threshold',
  'policy.alerted',
  'webhook.disabled',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

export const NOTICE_LEVELS = ['info', 'warning', 'critical'] as const;
export type NoticeLevel = (typeof NOTICE_LEVELS)[number];

/** How many days before a key ends OWNERs are told; 0 is the end itself. */
export const EXPIRY_NOTICE_DAYS: readonly number[] = [30, 7, 1, 0];

/** What is said so many days before a key ends. */
export function expiryNotice(daysBefore: number): { kind: NoticeKind; level: NoticeLevel } {
  if (daysBefore === 0) return { kind: 'aiProvider.expired', level: 'critical' };
  const level = daysBefore <= 1 ? 'critical' : daysBefore <= 7 ? 'warning' : 'info';
  return { kind: 'aiProvider.expiring', level };
}

/** How urgent it is that so many per cent of a quota are used. */
export function thresholdLevel(threshold: number): NoticeLevel {
  if (threshold >= 100) return 'critical';
  return threshold >= 80 ? 'warning' : 'info';
}
