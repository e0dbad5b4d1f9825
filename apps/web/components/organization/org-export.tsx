'use client';

import { Button, Text } from '@mantine/core';
import { orgExportHref } from '@/lib/api/organization';
import { Surface } from '@/components/ui/surface';

/** A copy of everything, as a file. */
export function OrgExport({ org }: { org: { id: string } }) {
  return (
    <Surface title="Export">
      <Text maw={640}>
        Everything that the organization has here, one line of JSON for each row: people, workspaces, keys
        with their masks, runs, receipts and the audit log with its hashes. No secret is in it, sealed or
        open. The export itself is noted in the audit log.
      </Text>
      <Button component="a" href={orgExportHref(org.id)} download variant="default" mt="md">
        Export everything
      </Button>
    </Surface>
  );
}
