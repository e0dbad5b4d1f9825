import type { WebhookEvent } from '@/lib/api/types';

/** What each event says, as the end of "Tell it when …". */
export const EVENT_WORDS: Record<WebhookEvent, string> = {
  'run.finished': 'a run succeeded',
  'run.failed': 'a run failed',
  'run.cancelled': 'a run was cancelled',
  'run.requires_action': 'a run waits for a tool or for somebody’s word',
  'run.outcome_unknown': 'how a run ended can’t be known',
  'ai-provider.created': 'a key was added',
  'ai-provider.updated': 'a key was changed',
  'ai-provider.deleted': 'a key was deleted',
  'ai-provider.expiring': 'a key will expire soon',
  'ai-provider.expired': 'a key expired',
  'ai-provider.failing': 'a key is failing',
  'policy.violated': 'a call broke a policy',
  'quota.threshold_reached': 'a quota or budget reached a threshold',
};

interface EventGroup {
  title: string;
  events: readonly WebhookEvent[];
  /** Whether they happen in a workspace; a webhook of one is told of no others. */
  inWorkspace: boolean;
}

export const EVENT_GROUPS: readonly EventGroup[] = [
  {
    title: 'Runs',
    inWorkspace: true,
    events: ['run.finished', 'run.failed', 'run.cancelled', 'run.requires_action', 'run.outcome_unknown'],
  },
  { title: 'Policies', inWorkspace: true, events: ['policy.violated'] },
  {
    title: 'Provider keys',
    inWorkspace: false,
    events: [
      'ai-provider.created',
      'ai-provider.updated',
      'ai-provider.deleted',
      'ai-provider.expiring',
      'ai-provider.expired',
      'ai-provider.failing',
    ],
  },
  { title: 'Quotas and budgets', inWorkspace: false, events: ['quota.threshold_reached'] },
];

/** Of these events those that a webhook of one workspace, or of all, can be told of. */
export function hearable(events: readonly WebhookEvent[], ofWorkspace: boolean): WebhookEvent[] {
  const known = EVENT_GROUPS.flatMap((group) => (group.inWorkspace || !ofWorkspace ? group.events : []));
  return known.filter((event) => events.includes(event));
}
