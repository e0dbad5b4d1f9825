'use client';

import { Tabs } from '@mantine/core';
import { updateWebhook } from '@/lib/api/webhooks';
import type { Webhook, WebhookChange, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { DeliveryList } from './delivery-list';
import { RotateSecret } from './rotate-secret';
import { WebhookForm } from './webhook-form';

export type WebhookTab = 'deliveries' | 'settings' | 'secret';

interface WebhookDrawerProps {
  webhook: Webhook;
  workspaces: Workspace[];
  tab: WebhookTab;
  onClose: () => void;
}

/** What was sent, what is told, and the secret that it is signed with. */
export function WebhookDrawer({ webhook, workspaces, tab, onClose }: WebhookDrawerProps) {
  const announce = useAnnounce();
  const save = useChange(
    (change: WebhookChange) => updateWebhook(webhook, change),
    [queryKeys.webhooks],
    ({ name }) => announce(`${name} is saved`),
  );
  return (
    <SidePanel title={webhook.name} onClosed={onClose}>
      {(close) => (
        <Tabs defaultValue={tab} keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="deliveries">Deliveries</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
            <Tabs.Tab value="secret">Signing secret</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="deliveries">
            <DeliveryList webhook={webhook} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <WebhookForm
              webhook={webhook}
              workspaces={workspaces}
              error={save.error}
              pending={save.isPending}
              onSave={({ name, url, events }) => save.mutate({ name, url, events }, { onSuccess: close })}
              onCancel={close}
            />
          </Tabs.Panel>
          <Tabs.Panel value="secret">
            <RotateSecret webhook={webhook} onDone={close} />
          </Tabs.Panel>
        </Tabs>
      )}
    </SidePanel>
  );
}
