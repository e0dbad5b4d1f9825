'use client';

import { Button, Group, Stack, Text } from '@mantine/core';
import { rollToken } from '@/lib/api/people';
import type { Token, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { ShownOnce } from './shown-once';

/** A successor with the same rights; the old one stays good for a while, so that nothing fails in between. */
export function RollToken({
  token,
  workspaces,
  onClose,
}: {
  token: Token;
  workspaces: Workspace[];
  onClose: () => void;
}) {
  const roll = useChange(() => rollToken(token.id), [queryKeys.tokens]);
  return (
    <SidePanel title={`Roll ${token.name}`} onClosed={onClose}>
      {(close) =>
        roll.data ? (
          <ShownOnce created={roll.data} workspaces={workspaces} onDone={close} />
        ) : (
          <Stack>
            <Text>
              You get a new token with the same rights. The old one keeps working for a while, so that you can
              exchange it without a failed call.
            </Text>
            {roll.error && <ProblemAlert error={roll.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button loading={roll.isPending} onClick={() => roll.mutate(undefined)}>
                Roll the token
              </Button>
            </Group>
          </Stack>
        )
      }
    </SidePanel>
  );
}
