'use client';

import { Group, Text } from '@mantine/core';
import { useState } from 'react';
import { redeliver } from '@/lib/api/webhooks';
import type { Delivery } from '@/lib/api/types';
import { timestamp } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import { DELIVERY_STATES, payloadOf, whatCame } from './delivery-words';
import record from '../ui/record.module.css';
import styles from './webhooks.module.css';

interface DeliveryItemProps {
  delivery: Delivery;
  /** Nothing is sent to a disabled webhook. */
  canSend: boolean;
}

/** One message: what it said, what came of it, and that it is sent again. */
export function DeliveryItem({ delivery, canSend }: DeliveryItemProps) {
  const announce = useAnnounce();
  const [open, setOpen] = useState(false);
  const again = useChange(
    () => redeliver(delivery),
    [queryKeys.deliveries(delivery.webhookId)],
    () => announce('The message is on its way again'),
  );
  const { type, state, messageId, occurredAt } = delivery;
  const of = `${type} of ${timestamp(occurredAt)}`;
  return (
    <li>
      <div className={record.stepHead}>
        <Text className="mono wrap" fw={600} size="sm">
          {type}
        </Text>
        <Status tone={DELIVERY_STATES[state].tone}>{DELIVERY_STATES[state].words}</Status>
      </div>
      <Text size="sm">{whatCame(delivery)}</Text>
      <LastAttempt delivery={delivery} />
      {open && (
        <>
          <dl className={record.facts}>
            <dt>Happened</dt>
            <dd>{timestamp(occurredAt)}</dd>
            <dt>webhook-id</dt>
            <dd className="mono">{messageId}</dd>
          </dl>
          <pre className={styles.payload} tabIndex={0} role="group" aria-label={`Payload of ${of}`}>
            {payloadOf(delivery)}
          </pre>
          {type.startsWith('run.') && (
            <Text size="sm" c="dimmed">
              What the run said and used is added as the message is sent, and is not kept with it.
            </Text>
          )}
        </>
      )}
      {again.error && <ProblemAlert error={again.error} />}
      <Group gap="xs">
        <RowButton of={of} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide payload' : 'Payload'}
        </RowButton>
        {canSend && (
          <RowButton of={of} loading={again.isPending} onClick={() => again.mutate(undefined)}>
            Redeliver
          </RowButton>
        )}
      </Group>
    </li>
  );
}

/** Of the last attempt what went wrong. */
function LastAttempt({
  delivery: { lastStatus, lastError, lastAnswer, durationMs },
}: {
  delivery: Delivery;
}) {
  if (lastStatus === null && lastError === null) return null;
  return (
    <dl className={record.facts}>
      {lastStatus !== null && (
        <>
          <dt>Answer</dt>
          <dd>
            HTTP {lastStatus}
            {durationMs !== null && `, ${durationMs} ms`}
          </dd>
        </>
      )}
      {lastError && (
        <>
          <dt>Why</dt>
          <dd>{lastError}</dd>
        </>
      )}
      {lastAnswer && (
        <>
          <dt>It said</dt>
          <dd className="mono">{lastAnswer}</dd>
        </>
      )}
    </dl>
  );
}
