'use client';

import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listDeliveries, testWebhook } from '@/lib/api/webhooks';
import type { DeliveryState, Webhook } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { DeliveryItem } from './delivery-item';
import { DELIVERY_STATES } from './delivery-words';
import record from '../ui/record.module.css';

const LOOK_AGAIN_MS = 2_000;

function isState(value: string): value is DeliveryState {
  return value in DELIVERY_STATES;
}

/** The messages of the last 30 days, newest first; looked at again while one waits. */
export function DeliveryList({ webhook }: { webhook: Webhook }) {
  const announce = useAnnounce();
  const [state, setState] = useState('');
  const only = isState(state) ? { state } : {};
  const deliveries = useInfiniteQuery({
    queryKey: [...queryKeys.deliveries(webhook.id), state],
    queryFn: ({ pageParam }) => listDeliveries(webhook.id, { ...only, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    refetchInterval: (query) =>
      webhook.enabled &&
      query.state.data?.pages.some(({ data }) => data.some((each) => each.state === 'pending')) &&
      LOOK_AGAIN_MS,
  });
  const test = useChange(
    () => testWebhook(webhook.id),
    [queryKeys.deliveries(webhook.id)],
    () => announce('A test message is on its way'),
  );
  const rows = deliveries.data?.pages.flatMap(({ data }) => data);
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <NativeSelect
          label="Messages"
          value={state}
          data={[
            { value: '', label: 'All of the last 30 days' },
            ...Object.entries(DELIVERY_STATES).map(([value, { words }]) => ({ value, label: words })),
          ]}
          onChange={(event) => setState(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={!webhook.enabled}
          loading={test.isPending}
          onClick={() => test.mutate(undefined)}
        >
          Send a test
        </Button>
      </Group>
      {!webhook.enabled && (
        <Text size="sm" c="dimmed">
          The webhook is disabled: nothing is sent to it. What waits is sent when it is enabled again.
        </Text>
      )}
      {test.error && <ProblemAlert error={test.error} />}
      {deliveries.error && (
        <ProblemAlert error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      )}
      {!deliveries.error && !rows && <Skeleton height={160} />}
      {rows?.length === 0 && (
        <Text c="dimmed">
          {state ? 'No message is in this state.' : 'No messages yet. Send a test to see one arrive.'}
        </Text>
      )}
      {rows && rows.length > 0 && (
        <ol className={record.steps} aria-label="Deliveries">
          {rows.map((delivery) => (
            <DeliveryItem key={delivery.id} delivery={delivery} canSend={webhook.enabled} />
          ))}
        </ol>
      )}
      {deliveries.hasNextPage && (
        <Button
          variant="default"
          loading={deliveries.isFetchingNextPage}
          onClick={() => void deliveries.fetchNextPage()}
        >
          Older messages
        </Button>
      )}
    </Stack>
  );
}
