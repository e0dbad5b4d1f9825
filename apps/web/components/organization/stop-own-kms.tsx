'use client';

import { Text } from '@mantine/core';
import { unsetOwnKms } from '@/lib/api/own-kms';
import { useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

export function StopOwnKms({ keyId, onClose }: { keyId: string; onClose: () => void }) {
  const announce = useAnnounce();
  const stop = useChange(unsetOwnKms, [['own-kms']], () =>
    announce('New secrets are wrapped under the platform’s key'),
  );
  return (
    <Question title="Stop using your own KMS key" onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={keyId}
          mustType={false}
          verb="Stop using it"
          error={stop.error}
          pending={stop.isPending}
          onConfirm={() => stop.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <Text>
            New secrets are wrapped under the platform’s key from now on. What is stored under yours opens as
            long as its role lets this installation use it: keep both until every key has been rotated.
          </Text>
        </ConfirmByName>
      )}
    </Question>
  );
}
