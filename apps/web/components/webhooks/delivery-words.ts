import type { Delivery } from '@/lib/api/types';
import { plural, timestamp } from '@/lib/format';
import type { Tone } from '@/components/ui/status';

export const DELIVERY_STATES: Record<Delivery['state'], { words: string; tone: Tone }> = {
  pending: { words: 'Waiting', tone: 'warn' },
  succeeded: { words: 'Delivered', tone: 'good' },
  failed: { words: 'Given up', tone: 'bad' },
};

/** What has become of a message so far, as a sentence. */
export function whatCame({ state, attempts, nextAttemptAt, finishedAt }: Delivery): string {
  const tried = plural(attempts, 'attempt');
  switch (state) {
    case 'succeeded':
      return `Taken at ${finishedAt ? timestamp(finishedAt) : 'an unknown time'}, ${tried}.`;
    case 'failed':
      return `Not taken in ${tried}; nothing more is tried by itself.`;
    case 'pending':
      if (attempts === 0) return 'Not sent yet.';
      return nextAttemptAt
        ? `Not taken in ${tried}; the next one is at ${timestamp(nextAttemptAt)}.`
        : `Not taken in ${tried}.`;
  }
}

/** What the receiver was told, as far as it is kept: the rest is put together as it is sent. */
export function payloadOf({ type, occurredAt, ids }: Delivery): string {
  return JSON.stringify({ type, timestamp: occurredAt, data: ids }, null, 2);
}
