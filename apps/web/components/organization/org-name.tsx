'use client';

import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { renameOrg } from '@/lib/api/organization';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SESSION_KEY } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';

/** Renames the organization; its short name stays, since links hold it. */
export function OrgName({ org }: { org: { id: string; name: string; slug: string } }) {
  const announce = useAnnounce();
  const [name, setName] = useState(org.name);
  const save = useChange(
    () => renameOrg(org.id, name.trim()),
    [SESSION_KEY, queryKeys.orgDeletion],
    () => announce(`The organization is called ${name.trim()} now`),
  );
  return (
    <Surface title="Name">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <Group align="flex-end">
          <TextInput
            label="Name of the organization"
            maxLength={120}
            w={320}
            maw="100%"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={!name.trim() || name.trim() === org.name} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed" mt="xs">
        Its short name <span className="mono">{org.slug}</span> stays, since links hold it.
      </Text>
      {save.error && <ProblemAlert error={save.error} />}
    </Surface>
  );
}
