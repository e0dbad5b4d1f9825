'use client';

import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { setOwnKms } from '@/lib/api/own-kms';
import { isProblem } from '@/lib/api/problem';
import type { OwnKms } from '@/lib/api/types';
import { useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';

const HEADINGS = {
  validation_failed: 'The key is not used: nothing was changed',
  kms_unavailable: 'AWS did not answer',
};

/** Names a key and its role. It is saved after the api sealed with it and the engine opened. */
export function OwnKmsForm({ current }: { current: OwnKms['key'] }) {
  const announce = useAnnounce();
  const [keyId, setKeyId] = useState(current?.keyId ?? '');
  const [roleArn, setRoleArn] = useState(current?.roleArn ?? '');
  const save = useChange(setOwnKms, [['own-kms']], () => announce('New secrets are wrapped under your key'));
  const field = (pointer: string) => (isProblem(save.error) ? Boolean(save.error.field(pointer)) : false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ keyId: keyId.trim(), roleArn: roleArn.trim() });
      }}
    >
      <Stack gap="xs">
        <Text fw={600}>2. Name them here</Text>
        <TextInput
          label="ARN of the KMS key"
          placeholder="arn:aws:kms:eu-central-1:111122223333:key/…"
          autoComplete="off"
          spellCheck={false}
          error={field('/keyId')}
          value={keyId}
          onChange={(event) => setKeyId(event.currentTarget.value)}
        />
        <TextInput
          label="ARN of the role"
          placeholder="arn:aws:iam::111122223333:role/claviger-key"
          autoComplete="off"
          spellCheck={false}
          error={field('/roleArn')}
          value={roleArn}
          onChange={(event) => setRoleArn(event.currentTarget.value)}
        />
        {save.error && <ProblemAlert error={save.error} headings={HEADINGS} />}
        <Group justify="flex-end">
          <Button type="submit" disabled={!keyId.trim() || !roleArn.trim()} loading={save.isPending}>
            {current ? 'Try it again and save' : 'Try it and use it'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
