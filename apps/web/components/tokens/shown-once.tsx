'use client';

import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { CreatedToken, Workspace } from '@/lib/api/types';
import { curlFor } from '@/lib/curl';
import { CodeBlock } from '@/components/ui/code-block';

/** A token is seen this once: only its hash is stored. The window closes when the reader says that they have it. */
export function ShownOnce({
  created,
  workspaces,
  onDone,
}: {
  created: CreatedToken;
  workspaces: Workspace[];
  onDone: () => void;
}) {
  const [stored, setStored] = useState(false);
  const workspaceId =
    created.workspaceId ?? workspaces.find((workspace) => workspace.isDefault)?.id ?? workspaces[0]?.id;
  return (
    <Stack>
      <Text>Copy the token now. It is not stored here, and nobody can show it again.</Text>
      <CodeBlock code={created.token} what="the token" />
      <Text fw={600}>Try it</Text>
      <CodeBlock
        code={curlFor(created.kind, created.token, workspaceId, window.location.origin)}
        what="the curl line"
      />
      <Checkbox
        label="I stored it"
        checked={stored}
        onChange={(event) => setStored(event.currentTarget.checked)}
      />
      <Group justify="flex-end">
        <Button disabled={!stored} onClick={onDone}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
