import type { Delivery, Webhook } from './webhook.js';
import type { DeliveryDto } from './deliveries.dto.js';
import type { WebhookDto } from './webhooks.dto.js';

export function dtoOf(webhook: Webhook): WebhookDto {
  const { id, orgId, name, url, events, workspaceId, secret, enabled, disabledReason, revision } = webhook;
  return {
    ...{ id, orgId, name, url, events, workspaceId, enabled, disabledReason },
    mask: secret.mask,
    secretVersion: secret.version,
    version: revision,
    createdAt: webhook.createdAt.toISOString(),
    updatedAt: webhook.updatedAt.toISOString(),
  };
}

export function deliveryDtoOf(delivery: Delivery): DeliveryDto {
  const { occurredAt, nextAttemptAt, lastAttemptAt, createdAt, finishedAt, ...same } = delivery;
  const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
  return {
    ...same,
    occurredAt: occurredAt.toISOString(),
    nextAttemptAt: iso(nextAttemptAt),
    lastAttemptAt: iso(lastAttemptAt),
    createdAt: createdAt.toISOString(),
    finishedAt: iso(finishedAt),
  };
}
