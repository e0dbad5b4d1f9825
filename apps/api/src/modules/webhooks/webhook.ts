import type { DeliveryState, WebhookEvent } from '#lib/contracts';

/** Why it was disabled by itself: its endpoint answered 410, or took none of a whole schedule of attempts. */
export type DisabledReason = 'gone' | 'failing';

/** Whom an organization wants told of what. */
export interface Webhook {
  orgId: string;
  /** `whk_…` */
  id: string;
  name: string;
  url: string;
  events: WebhookEvent[];
  /** null: of all workspaces, and of what belongs to none. */
  workspaceId: string | null;
  secret: { id: string; mask: string; version: number };
  enabled: boolean;
  /** null: it is enabled, or a person disabled it. */
  disabledReason: DisabledReason | null;
  revision: number;
  createdAt: Date;
  updatedAt: Date;
}

export type WebhookSettings = Pick<Webhook, 'name' | 'url' | 'events' | 'enabled'>;
export type NewWebhook = Pick<Webhook, 'name' | 'url' | 'events' | 'workspaceId'>;

/** A message to one webhook, and what came of it. */
export interface Delivery {
  /** `dlv_…` */
  id: string;
  webhookId: string;
  /** `evt_…`: the header `webhook-id` of each attempt. */
  messageId: string;
  type: string;
  ids: Record<string, string | number>;
  occurredAt: Date;
  state: DeliveryState;
  attempts: number;
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  lastStatus: number | null;
  lastError: string | null;
  lastAnswer: string | null;
  durationMs: number | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** A webhook's URL as the audit log shows it: what stands in its query may be a password, and audit rows stay for ever. */
export function recordedUrl(url: string): string {
  return url.replace(/\?.+$/s, '?…');
}

/**
 * The settings that a change makes differ, before and after, for the audit log; empty when it changes nothing. Of a URL whose query is
 * another one it shows that it was changed.
 */
export function changedSettings(before: WebhookSettings, after: WebhookSettings): Record<string, unknown> {
  const fields = ['name', 'url', 'events', 'enabled'] as const;
  const differ = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(
    differ.map((field) => [
      field,
      [before, after].map((it) => (field === 'url' ? recordedUrl(it.url) : it[field])),
    ]),
  );
}
