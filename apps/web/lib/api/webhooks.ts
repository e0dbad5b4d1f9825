import {
  deliveriesList,
  deliveriesRedeliver,
  deliveriesTest,
  webhooksCreate,
  webhooksDelete,
  webhooksList,
  webhooksRotateSecret,
  webhooksUpdate,
} from '../generated/api/sdk.gen';
import { answer, done } from './http';
import { allPages } from './paging';
import type {
  CreatedWebhook,
  Delivery,
  DeliveryPage,
  DeliveryState,
  NewWebhook,
  Webhook,
  WebhookChange,
} from './types';

const PAGE = 20;

/** The organization's webhooks, without their secrets. */
export function listWebhooks(): Promise<Webhook[]> {
  return allPages((cursor) => answer(webhooksList({ query: { limit: 200, cursor } })));
}

/** The answer holds the signing secret, once. */
export function createWebhook(body: NewWebhook): Promise<CreatedWebhook> {
  return answer(webhooksCreate({ body }));
}

export function updateWebhook({ id, version }: Webhook, body: WebhookChange): Promise<Webhook> {
  const headers = { 'if-match': `"${id}-${version}"` };
  return answer(webhooksUpdate({ path: { webhookId: id }, body, headers }));
}

export function deleteWebhook(id: string): Promise<void> {
  return done(webhooksDelete({ path: { webhookId: id } }));
}

/** The old secret signs beside the new one for so many seconds; 0 ends it at once. The answer holds the new one, once. */
export function rotateWebhookSecret(id: string, overlapSeconds: number): Promise<CreatedWebhook> {
  return answer(webhooksRotateSecret({ path: { webhookId: id }, body: { overlapSeconds } }));
}

/** One page of the messages to a webhook, newest first. */
export function listDeliveries(
  id: string,
  query: { state?: DeliveryState; cursor?: string },
): Promise<DeliveryPage> {
  return answer(deliveriesList({ path: { webhookId: id }, query: { ...query, limit: PAGE } }));
}

/** Sends a message of the type `webhook.test`. */
export function testWebhook(id: string): Promise<Delivery> {
  return answer(deliveriesTest({ path: { webhookId: id } }));
}

/** Sends a message once more, under the id that it has. */
export function redeliver({ id, webhookId }: Delivery): Promise<Delivery> {
  return answer(deliveriesRedeliver({ path: { webhookId, deliveryId: id } }));
}
