/** Topics of the outbox. Payloads carry ids only (CUSTODY §8). */
export const EVENT_TOPICS = [
  'provider-key.created',
  'provider-key.updated',
  'provider-key.deleted',
  'provider-key.tested',
  'provider-key.expiring',
  'provider-key.expired',
  'provider-key.failing',
  'assignments.replaced',
  'provider-gate.changed',
  'token.created',
  'token.revoked',
  'member.joined',
  'member.changed',
  'member.removed',
  'session.ended',
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
  'policy.changed',
  'policy.deleted',
  'policy.approved',
  'policy.approval-revoked',
  'policy.violated',
  'secret.created',
  'secret.rotated',
  'secret.deleted',
  'secret-version.retired',
  'kill-switch.changed',
  'catalogue.changed',
  'model-aliases.replaced',
  'org.kill-switch-changed',
  'quota.changed',
  'quota.deleted',
  'quota.threshold-reached',
  'price-override.created',
  'price-override.deleted',
  'mcp-server.created',
  'mcp-server.updated',
  'mcp-server.deleted',
  'mcp-assignments.replaced',
  'webhook.created',
  'webhook.updated',
  'webhook.deleted',
  'webhook.disabled',
  'webhook.secret-rotated',
  'webhook.tested',
  'webhook.redelivered',
  // Written by the database itself, with the ids of its own kind, and notified to nobody.
  'run.ended',
] as const;
export type EventTopic = (typeof EVENT_TOPICS)[number];

/** In place of an organization's id: what concerns them all. It is notified, and no outbox keeps it. */
export const PLATFORM = 'platform';

/** Whose audit chain it is that holds operators' acts on the platform: an id that no organization can have (ADR 0028). */
export const PLATFORM_ORG = 'org_00000000000000000000000000';

/** A change as the outbox keeps it: who it belongs to, what happened, and which rows it touched. */
export interface DomainEvent {
  orgId: string;
  topic: EventTopic;
  /** Ids by role, e.g. `{ aiProviderId, secretId }`. */
  ids: Record<string, string | number>;
}
