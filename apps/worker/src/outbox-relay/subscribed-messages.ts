import { webhookEventOf } from '#lib/contracts';
import { fromUuid } from '#lib/kernel';
import type { NewMessage, PublishedEvent } from '#lib/persistence';

/** What webhooks are told of an event; null: nothing. */
export function messageOf(event: PublishedEvent): NewMessage | null {
  const { orgId, id: eventId, topic, at, ids } = event;
  if (topic === 'run.ended') return endOfRun(event);
  const type = webhookEventOf(topic);
  if (type === undefined) return null;
  const workspaceId = typeof ids['workspaceId'] === 'string' ? ids['workspaceId'] : null;
  return { orgId, eventId, type, ids: known(ids), at, workspaceId, callbackId: null };
}

/** Written by the database, which spells ids as it keeps them. */
function endOfRun({ orgId, id: eventId, at, ids }: PublishedEvent): NewMessage | null {
  const { run, workspace, type, callback } = ids;
  if (typeof run !== 'string' || typeof workspace !== 'string' || typeof type !== 'string') return null;
  const workspaceId = fromUuid('ws', workspace);
  return {
    ...{ orgId, eventId, type, at, workspaceId },
    ids: { runId: fromUuid('run', run), workspaceId },
    callbackId: typeof callback === 'string' ? fromUuid('whk', callback) : null,
  };
}

/** What a receiver can ask about: sealed secrets have ids that are nobody's business outside. */
function known({ secretId: _, ...ids }: PublishedEvent['ids']): PublishedEvent['ids'] {
  return ids;
}
