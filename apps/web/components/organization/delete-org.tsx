'use client';

import { List, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { me } from '@/lib/api/auth';
import { deleteOrg } from '@/lib/api/organization';
import type { OrgDeletionPreview } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { useReplaceSession } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { ConfirmByName } from '@/components/ui/confirm-by-name';
import { Question } from '@/components/ui/overlays';

/** The blast radius first, then the short name, typed. */
export function DeleteOrg({ preview, onClose }: { preview: OrgDeletionPreview; onClose: () => void }) {
  const announce = useAnnounce();
  const router = useRouter();
  const replace = useReplaceSession();
  const { orgId, name, slug, counts, graceDays } = preview;
  const remove = useMutation({
    mutationFn: async () => {
      await deleteOrg(orgId, slug);
      return me();
    },
    onSuccess: (session) => {
      announce(`${name} is deleted; its secrets are destroyed`);
      router.push('/');
      replace(session);
    },
  });
  return (
    <Question title={`Delete ${name}`} onClosed={onClose}>
      {(close) => (
        <ConfirmByName
          name={slug}
          verb="Delete the organization"
          error={remove.error}
          pending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onCancel={close}
        >
          <div>
            <Text fw={600}>At once, and beyond recall:</Text>
            <List size="sm">
              <List.Item>
                {plural(counts.sealedVersions, 'sealed secret')} of {plural(counts.aiProviders, 'key')}{' '}
                destroyed
              </List.Item>
              <List.Item>
                {plural(counts.workspaces, 'workspace')} and {plural(counts.assignments, 'assignment')} of
                keys closed; {plural(counts.openRuns, 'run')} under way end
              </List.Item>
              <List.Item>
                {plural(counts.tokens, 'token')} and {plural(counts.invites, 'invite link')} revoked
              </List.Item>
              <List.Item>{plural(counts.members, 'member')} led out; their accounts stay</List.Item>
            </List>
            <Text mt="xs" size="sm">
              All other rows are purged after {graceDays} days, and until then the short name stays taken. The
              audit history and usage receipts are kept.
            </Text>
          </div>
        </ConfirmByName>
      )}
    </Question>
  );
}
