/** Topics of the outbox. Payloads carry ids only (CUSTODY §8). */
export const EVENT_TOPICS = [
  'provider-key.created',
  'provider-key.updated',
  'provider-key.deleted',
  'provider-key.tested',
  'provider-key.expiring',
  'provider-key.expired',
  'assignments.replaced',
  'provider-gate.changed',
  'token.created',
  'token.revoked',
  'member.joined',
  'member.changed',
  'member.removed',
  'invite.changed',
  'workspace.created',
  'workspace.updated',
  'workspace.deleted',
  'org.created',
  'org.updated',
  'org.exported',
  'org.deleted',
  'notice.dismissed',
  'org.kms-changed',
  'secret.created',
  'secret.rotated',
  'secret.deleted',
  'secret-version.retired',
  'kill-switch.changed',
] as const;
export type EventTopic = (typeof EVENT_TOPICS)[number];

/** In place of an organization's id: what concerns them all. It is notified, and no outbox keeps it. */
export const PLATFORM = 'platform';

/** A change as the outbox keeps it: who it belongs to, what happened, and which rows it touched. */
export interface DomainEvent {
  orgId: string;
  topic: EventTopic;
  /** Ids by role, e.g. `{ aiProviderId, secretId }`. */
  ids: Record<string, string | number>;
}
