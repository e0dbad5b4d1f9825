'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { listWebhooks } from '@/lib/api/webhooks';
import type { Webhook } from '@/lib/api/types';
import { queryKeys, useWorkspaces } from '@/lib/hooks/queries';
import { useUrlFilter } from '@/lib/hooks/use-url-filter';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status } from '@/components/ui/status';
import { Surface } from '@/components/ui/surface';
import type { WebhookTab } from './webhook-drawer';
import { WebhookTable } from './webhook-table';

const AddWebhook = dynamic(() => import('./add-webhook').then((module) => module.AddWebhook), {
  ssr: false,
});
const WebhookDrawer = dynamic(() => import('./webhook-drawer').then((module) => module.WebhookDrawer), {
  ssr: false,
});
const DeleteWebhook = dynamic(() => import('./delete-webhook').then((module) => module.DeleteWebhook), {
  ssr: false,
});

type Panel =
  | { kind: 'add' }
  | { kind: 'open'; webhook: Webhook; tab: WebhookTab }
  | { kind: 'delete'; webhook: Webhook };

export function WebhooksPage() {
  const webhooks = useQuery({ queryKey: queryKeys.webhooks, queryFn: listWebhooks });
  const workspaces = useWorkspaces();
  const [chosen, setPanel] = useState<Panel | null>(null);
  // A link to one webhook, as of a notice: its deliveries are open as long as the address names it.
  const [url, setUrl] = useUrlFilter(['webhook']);
  const linked = webhooks.data?.find(({ id }) => id === url.webhook);
  const panel: Panel | null =
    chosen ?? (linked ? { kind: 'open', webhook: linked, tab: 'deliveries' } : null);
  const close = () => {
    setPanel(null);
    if (url.webhook) setUrl({ webhook: '' });
  };
  const isEmpty = webhooks.data?.length === 0;
  const add = <Button onClick={() => setPanel({ kind: 'add' })}>Add a webhook</Button>;
  const latest = (webhook: Webhook) => webhooks.data?.find(({ id }) => id === webhook.id) ?? webhook;
  return (
    <>
      <PageHeader
        title="Webhooks"
        purpose="URLs of yours that are told when runs end, keys change or limits are reached. Each message is signed, tried again until it is taken, and can be sent once more."
        action={!isEmpty && add}
      />
      {webhooks.error ? (
        <ProblemAlert error={webhooks.error} onRetry={() => void webhooks.refetch()} />
      ) : (
        <Surface flush>
          {isEmpty ? (
            <Empty
              title="No webhooks yet"
              picture={<Status tone="good">run.finished, delivered</Status>}
              action={add}
            >
              Name a URL and what it is to be told of: a run that ended, a key that is failing, a budget that
              is nearly used up. You get a secret to verify the messages by.
            </Empty>
          ) : (
            <WebhookTable
              webhooks={webhooks.data}
              workspaces={workspaces.data}
              onOpen={(webhook, tab) => setPanel({ kind: 'open', webhook, tab })}
              onDelete={(webhook) => setPanel({ kind: 'delete', webhook })}
            />
          )}
        </Surface>
      )}
      {panel?.kind === 'add' && <AddWebhook workspaces={workspaces.data ?? []} onClose={close} />}
      {panel?.kind === 'open' && (
        <WebhookDrawer
          key={`${panel.webhook.id} ${panel.tab}`}
          webhook={latest(panel.webhook)}
          workspaces={workspaces.data ?? []}
          tab={panel.tab}
          onClose={close}
        />
      )}
      {panel?.kind === 'delete' && <DeleteWebhook webhook={panel.webhook} onClose={close} />}
    </>
  );
}
