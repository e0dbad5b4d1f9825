'use client';

import { Button, Skeleton } from '@mantine/core';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { Suspense } from 'react';
import type { WorkspaceSummary } from '@/lib/api/types';
import { useSession } from '@/lib/hooks/use-session';
import { NoSuchWorkspace } from '@/components/ui/no-such-workspace';
import { PageHeader } from '@/components/ui/page-header';

const RunList = dynamic(() => import('./run-list').then((module) => module.RunList), {
  ssr: false,
  loading: () => <Skeleton height={320} />,
});

function Header({ workspace }: { workspace: WorkspaceSummary }) {
  return (
    <PageHeader
      title={`Runs · ${workspace.name}`}
      purpose="What ran in this workspace: what came of it, what it cost, and the key that served it."
      action={
        <Button component={Link} href={`/w/${workspace.slug}/agent`} variant="default">
          Agent node
        </Button>
      }
    />
  );
}

/** The runs of a workspace, newest first. */
export function RunsPage({ slug }: { slug: string }) {
  const { data: session } = useSession();
  const workspace = session?.workspaces.find((candidate) => candidate.slug === slug);
  if (!workspace) return <NoSuchWorkspace />;
  const role = session?.org?.role;
  return (
    <>
      <Header workspace={workspace} />
      <Suspense fallback={<Skeleton height={320} />}>
        <RunList
          key={workspace.id}
          workspace={workspace}
          seesKeys={role === 'OWNER' || role === 'ADMIN'}
          canRun={workspace.canExecute || role === 'OWNER' || role === 'ADMIN'}
        />
      </Suspense>
    </>
  );
}
