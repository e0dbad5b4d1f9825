import type { EventTopic } from './events.js';

/** What a webhook may subscribe to: the closed list of PRODUCT #55. */
export const WEBHOOK_EVENTS = [
  'run.finished',
  'run.failed',
  'run.cancelled',
  'run.requires_action',
  'run.outcome_unknown',
  'ai-provider.created',
  'ai-provider.updated',
  'ai-provider.deleted',
  'ai-provider.expiring',
  'ai-provider.expired',
  'ai-provider.failing',
  'policy.violated',
  'quota.threshold_reached',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What a test sends; nobody subscribes to it. */
export const WEBHOOK_TEST = 'webhook.test';

const OF_TOPIC: Partial<Record<EventTopic, WebhookEvent>> = {
  'provider-key.created': 'ai-provider.created',
  'provider-key.updated': 'ai-provider.updated',
  'provider-key.deleted': 'ai-provider.deleted',
  'provider-key.expiring': 'ai-provider.expiring',
  'provider-key.expired': 'ai-provider.expired',
  'provider-key.failing': 'ai-provider.failing',
  'policy.violated': 'policy.violated',
  'quota.threshold-reached': 'quota.threshold_reached',
};

/** What subscribers are told when an event of this topic has happened; undefined: nothing. Ends of runs name theirs themselves. */
export function webhookEventOf(topic: EventTopic): WebhookEvent | undefined {
  return OF_TOPIC[topic];
}

export const DELIVERY_STATES = ['pending', 'succeeded', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How long after each failed attempt the next one comes, in seconds, before jitter; after the last of them a message is given up. */
export const RETRY_AFTER_S: readonly number[] = [5, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

/** How long a replaced signing secret still signs beside the new one, in seconds, where nobody says otherwise; and at most. */
export const SIGNING_OVERLAP_S = 86_400;
export const MAX_SIGNING_OVERLAP_S = 604_800;
