'use client';

import { Text } from '@mantine/core';
import { deleteWebhook } from '@/lib/api/webhooks';
import type { Webhook } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

export function DeleteWebhook({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const announce = useAnnounce();
  const { id, name } = webhook;
  const remove = useChange(
    () => deleteWebhook(id),
    [queryKeys.webhooks],
    () => announce(`${name} is deleted; its secret is erased`),
  );
  return (
    <Question title={`Delete ${name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={name}
          verb="Delete the webhook"
          mustType={false}
          error={remove.error}
          pending={remove.isPending}
          onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <Text>
            Nobody is told at <span className="mono wrap">{webhook.url}</span> any more. Its list of messages
            goes with it, also those that wait, and its signing secret is erased.
          </Text>
          <Text>To pause it only, disable it: what waits is sent when you enable it again.</Text>
        </ConfirmByName>
      )}
    </Question>
  );
}
