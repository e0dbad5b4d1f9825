'use client';

import { Text } from '@mantine/core';
import { revokeToken } from '@/lib/api/people';
import type { Token } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

export function RevokeToken({ token, onClose }: { token: Token; onClose: () => void }) {
  const announce = useAnnounce();
  const revoke = useChange(
    () => revokeToken(token.id),
    [queryKeys.tokens],
    () => announce(`${token.name} is revoked`),
  );
  return (
    <Question title={`Revoke ${token.name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={token.name}
          verb="Revoke"
          mustType={false}
          error={revoke.error}
          pending={revoke.isPending}
          onConfirm={() => revoke.mutate(undefined, { onSuccess: close })}
          onCancel={close}
        >
          <Text>
            Calls with it are refused from now on and for good. It was last used {ago(token.lastUsedAt)}.
          </Text>
        </ConfirmByName>
      )}
    </Question>
  );
}
