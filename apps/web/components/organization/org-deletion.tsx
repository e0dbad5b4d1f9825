'use client';

import { Button, Text } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { OrgDeletionPreview } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { Surface } from '@/components/ui/surface';

const DeleteOrg = dynamic(() => import('./delete-org').then((module) => module.DeleteOrg), { ssr: false });

/** The way to the end of the organization. */
export function OrgDeletion({ preview }: { preview: OrgDeletionPreview }) {
  const [asking, setAsking] = useState(false);
  const { aiProviders, workspaces, members } = preview.counts;
  return (
    <Surface title="Delete the organization">
      <Text maw={640}>
        {plural(aiProviders, 'key')}, {plural(workspaces, 'workspace')} and the places of{' '}
        {plural(members, 'member')} end at once. The secrets are destroyed and can’t be brought back by
        anybody. Export first what you want to keep.
      </Text>
      <Button variant="default" mt="md" onClick={() => setAsking(true)}>
        Delete the organization
      </Button>
      {asking && <DeleteOrg preview={preview} onClose={() => setAsking(false)} />}
    </Surface>
  );
}
