import { Checkbox, Text } from '@mantine/core';
import type { WebhookEvent } from '@/lib/api/types';
import { EVENT_GROUPS, EVENT_WORDS } from './event-words';
import styles from './webhooks.module.css';

interface EventFieldsProps {
  events: readonly WebhookEvent[];
  /** Of one workspace: what belongs to none is not offered. */
  ofWorkspace: boolean;
  onChange: (events: WebhookEvent[]) => void;
}

/** What a webhook is told of, each event by its meaning and by the name that its receiver gets. */
export function EventFields({ events, ofWorkspace, onChange }: EventFieldsProps) {
  const groups = EVENT_GROUPS.filter(({ inWorkspace }) => inWorkspace || !ofWorkspace);
  return (
    <fieldset className={styles.events}>
      <legend>Tell it when …</legend>
      {groups.map(({ title, events: own }) => (
        <div key={title} role="group" aria-label={title} className={styles.group}>
          <Text size="sm" c="dimmed">
            {title}
          </Text>
          {own.map((event) => (
            <Checkbox
              key={event}
              label={EVENT_WORDS[event]}
              description={<span className="mono">{event}</span>}
              checked={events.includes(event)}
              onChange={({ currentTarget: { checked } }) =>
                onChange(checked ? [...events, event] : events.filter((other) => other !== event))
              }
            />
          ))}
        </div>
      ))}
      {ofWorkspace && (
        <Text size="sm" c="dimmed">
          Events of keys, quotas and budgets belong to no workspace: a webhook of the whole organization is
          told of them.
        </Text>
      )}
    </fieldset>
  );
}
