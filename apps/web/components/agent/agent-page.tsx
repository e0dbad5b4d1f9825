'use client';

import { Button, Skeleton } from '@mantine/core';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useModels } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { NoSuchWorkspace } from '@/components/ui/no-such-workspace';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { NoModels } from './no-models';

const AgentEditor = dynamic(() => import('./agent-editor').then((module) => module.AgentEditor), {
  ssr: false,
  loading: () => <Skeleton height={320} />,
});

/** The Agent node of a workspace: pick a model that it may use, and try it. */
export function AgentPage({ slug }: { slug: string }) {
  const { data: session } = useSession();
  const workspace = session?.workspaces.find((candidate) => candidate.slug === slug);
  const models = useModels(workspace?.id);
  if (!workspace) return <NoSuchWorkspace />;
  const role = session?.org?.role;
  const canRun = workspace.canExecute || role === 'OWNER' || role === 'ADMIN';
  return (
    <>
      <PageHeader
        title={`Agent node · ${workspace.name}`}
        purpose="Pick a model that this workspace may use, write the prompt, and try it with the key that will serve it."
        action={
          <Button component={Link} href={`/w/${workspace.slug}/runs`} variant="default">
            Runs
          </Button>
        }
      />
      {models.error && <ProblemAlert error={models.error} onRetry={() => void models.refetch()} />}
      {!models.error && !models.data && <Skeleton height={320} />}
      {models.data?.data.length === 0 && (
        <NoModels unavailable={models.data.unavailable} isOwner={role === 'OWNER'} />
      )}
      {models.data && models.data.data.length > 0 && (
        <AgentEditor key={workspace.id} workspace={workspace} models={models.data} canRun={canRun} />
      )}
    </>
  );
}
