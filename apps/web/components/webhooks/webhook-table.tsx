'use client';

import { Text } from '@mantine/core';
import { updateWebhook } from '@/lib/api/webhooks';
import type { Webhook, Workspace } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Quiet } from '@/components/ui/quiet';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Status } from '@/components/ui/status';
import type { WebhookTab } from './webhook-drawer';

interface WebhookTableProps {
  webhooks: Webhook[] | undefined;
  workspaces: Workspace[] | undefined;
  onOpen: (webhook: Webhook, tab: WebhookTab) => void;
  onDelete: (webhook: Webhook) => void;
}

export function WebhookTable({ webhooks, workspaces, onOpen, onDelete }: WebhookTableProps) {
  const announce = useAnnounce();
  const toggle = useChange(
    (webhook: Webhook) => updateWebhook(webhook, { enabled: !webhook.enabled }),
    [queryKeys.webhooks],
    ({ name, enabled }) => announce(`${name} is ${enabled ? 'enabled' : 'disabled'}`),
  );
  return (
    <>
      {toggle.error && <ProblemAlert error={toggle.error} />}
      <DataTable
        label="Webhooks"
        rows={webhooks}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            title: 'Name',
            cell: ({ name, url }) => (
              <div>
                <Text fw={600}>{name}</Text>
                <Text size="xs" c="dimmed" className="mono wrap">
                  {url}
                </Text>
              </div>
            ),
          },
          { key: 'status', title: 'Status', cell: (webhook) => <State webhook={webhook} /> },
          {
            key: 'events',
            title: 'Told of',
            cell: ({ events }) => <span title={events.join(', ')}>{plural(events.length, 'event')}</span>,
          },
          {
            key: 'of',
            title: 'Workspace',
            cell: ({ workspaceId }) =>
              workspaceId === null ? (
                <Quiet>whole organization</Quiet>
              ) : (
                (workspaces?.find(({ id }) => id === workspaceId)?.name ?? workspaceId)
              ),
          },
          {
            key: 'actions',
            title: 'Actions',
            quietTitle: true,
            cell: (webhook) => (
              <RowActions>
                <RowButton of={webhook.name} onClick={() => onOpen(webhook, 'deliveries')}>
                  Deliveries
                </RowButton>
                <RowButton of={webhook.name} onClick={() => onOpen(webhook, 'settings')}>
                  Edit
                </RowButton>
                <RowButton of={webhook.name} onClick={() => toggle.mutate(webhook)}>
                  {webhook.enabled ? 'Disable' : 'Enable'}
                </RowButton>
                <RowButton of={webhook.name} onClick={() => onDelete(webhook)}>
                  Delete
                </RowButton>
              </RowActions>
            ),
          },
        ]}
      />
    </>
  );
}

/** One that was disabled by itself says why. */
function State({ webhook: { enabled, disabledReason } }: { webhook: Webhook }) {
  if (enabled) return <Status tone="good">Enabled</Status>;
  return (
    <div>
      <Status tone={disabledReason ? 'bad' : 'quiet'}>Disabled</Status>
      {disabledReason && (
        <Text size="xs" c="dimmed">
          {disabledReason === 'gone' ? 'It answered 410 Gone.' : 'It took no message for over a day.'}
        </Text>
      )}
    </div>
  );
}
