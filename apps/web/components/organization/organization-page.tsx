'use client';

import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { previewOrgDeletion } from '@/lib/api/organization';
import type { Session } from '@/lib/api/types';
import { queryKeys } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { OrgDeletion } from './org-deletion';
import { OrgExport } from './org-export';
import { OrgName } from './org-name';
import { OrgStop } from './org-stop';

// Loaded when the rest of the page stands: few organizations have a key of their own.
const OwnKmsKey = dynamic(() => import('./own-kms-key').then((module) => module.OwnKmsKey), {
  ssr: false,
  loading: () => <Skeleton height={120} />,
});

/** What concerns the organization as a whole: each part is a section of its own, in the order of how final it is. */
export function OrganizationPage() {
  const org = useSession().data?.org;
  return (
    <>
      <PageHeader
        title="Organization"
        purpose="Its name, its own key for sealing, a copy of everything that it has here, and its end. For owners alone."
      />
      {org?.role === 'OWNER' ? (
        <Sections key={org.id} org={org} />
      ) : (
        <Surface>
          <Empty alone title="This page belongs to the owners">
            Ask an owner of {org?.name ?? 'the organization'}; you find them under Members.
          </Empty>
        </Surface>
      )}
    </>
  );
}

function Sections({ org }: { org: NonNullable<Session['org']> }) {
  const preview = useQuery({
    queryKey: queryKeys.orgDeletion,
    queryFn: () => previewOrgDeletion(org.id),
    staleTime: 0,
  });
  if (preview.error) return <ProblemAlert error={preview.error} onRetry={() => void preview.refetch()} />;
  return (
    <>
      <OrgName org={org} />
      <OrgStop />
      <OwnKmsKey />
      <OrgExport org={org} />
      {preview.data ? <OrgDeletion preview={preview.data} /> : <Skeleton height={160} />}
    </>
  );
}
