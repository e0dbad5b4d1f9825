'use client';

import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { rotateWebhookSecret } from '@/lib/api/webhooks';
import type { Webhook } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { SigningSecret } from './signing-secret';

const OVERLAPS = [
  { value: '86400', label: 'a day' },
  { value: '3600', label: 'an hour' },
  { value: '604800', label: 'seven days' },
  { value: '0', label: 'no time: it ends at once' },
];

/** Replaces the signing secret; until the overlap ends, each message carries a signature by both. */
export function RotateSecret({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const announce = useAnnounce();
  const [overlap, setOverlap] = useState('86400');
  const rotate = useChange(
    () => rotateWebhookSecret(webhook.id, Number(overlap)),
    [queryKeys.webhooks],
    ({ name }) => announce(`${name} has a new signing secret`),
  );
  if (rotate.data) return <SigningSecret secret={rotate.data.secret} onDone={onDone} />;
  return (
    <Stack>
      <Text>
        The secret in use ends in <span className="mono">{webhook.mask}</span>, version{' '}
        {webhook.secretVersion}. You get a new one; the old one goes on signing beside it, so that its
        receiver can exchange it without missing a message.
      </Text>
      <NativeSelect
        label="The old secret goes on signing for"
        value={overlap}
        data={OVERLAPS}
        onChange={(event) => setOverlap(event.currentTarget.value)}
      />
      {overlap === '0' && (
        <Text size="sm" role="status">
          A receiver that still has the old secret refuses messages from the moment that you rotate: do this
          where it got into wrong hands.
        </Text>
      )}
      {rotate.error && <ProblemAlert error={rotate.error} />}
      <Group justify="flex-end">
        <Button loading={rotate.isPending} onClick={() => rotate.mutate(undefined)}>
          Rotate the secret
        </Button>
      </Group>
    </Stack>
  );
}
