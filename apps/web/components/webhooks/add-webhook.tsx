'use client';

import { createWebhook } from '@/lib/api/webhooks';
import type { NewWebhook, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { SigningSecret } from './signing-secret';
import { WebhookForm } from './webhook-form';

/** A new webhook: what it is told of, then the secret that its messages are signed with. */
export function AddWebhook({ workspaces, onClose }: { workspaces: Workspace[]; onClose: () => void }) {
  const announce = useAnnounce();
  const create = useChange(
    (webhook: NewWebhook) => createWebhook(webhook),
    [queryKeys.webhooks],
    ({ name }) => announce(`${name} is added`),
  );
  return (
    <SidePanel title="Add a webhook" onClosed={onClose}>
      {(close) =>
        create.data ? (
          <SigningSecret secret={create.data.secret} onDone={close} />
        ) : (
          <WebhookForm
            webhook={null}
            workspaces={workspaces}
            error={create.error}
            pending={create.isPending}
            onSave={(webhook) => create.mutate(webhook)}
            onCancel={close}
          />
        )
      }
    </SidePanel>
  );
}
