'use client';

import { Button } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { Workspace } from '@/lib/api/types';
import { useWorkspaces } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { AssignmentMatrix } from './assignment-matrix';
import { ModelAliases } from './model-aliases';
import { WorkspaceTable } from './workspace-table';

const WorkspaceDrawer = dynamic(() => import('./workspace-drawer').then((module) => module.WorkspaceDrawer), {
  ssr: false,
});
const CreateWorkspace = dynamic(() => import('./create-workspace').then((module) => module.CreateWorkspace), {
  ssr: false,
});
const DeleteWorkspace = dynamic(() => import('./delete-workspace').then((module) => module.DeleteWorkspace), {
  ssr: false,
});

type Panel = { kind: 'create' } | { kind: 'edit' | 'delete'; workspace: Workspace };

export function WorkspacesPage() {
  const { data: session } = useSession();
  const workspaces = useWorkspaces();
  const [panel, setPanel] = useState<Panel | null>(null);
  const close = () => setPanel(null);
  const canAssign = session?.org?.role === 'OWNER';
  const edit = (workspace: Workspace) => setPanel({ kind: 'edit', workspace });

  return (
    <>
      <PageHeader
        title="Workspaces"
        purpose="A workspace may use the keys that it was handed, and no others. Take a key back and its calls fail with an error that names the cause."
        action={<Button onClick={() => setPanel({ kind: 'create' })}>New workspace</Button>}
      />
      {workspaces.error ? (
        <ProblemAlert error={workspaces.error} onRetry={() => void workspaces.refetch()} />
      ) : (
        <>
          <Surface title="Workspaces" flush>
            <WorkspaceTable
              workspaces={workspaces.data}
              onEdit={edit}
              onDelete={(workspace) => setPanel({ kind: 'delete', workspace })}
            />
          </Surface>
          <Surface title="Which workspace may use which key" flush>
            <AssignmentMatrix workspaces={workspaces.data} canAssign={canAssign} onEdit={edit} />
          </Surface>
          <ModelAliases workspaces={workspaces.data} />
        </>
      )}
      {panel?.kind === 'create' && (
        <CreateWorkspace
          onClose={close}
          onCreated={(workspace) => setPanel(canAssign ? { kind: 'edit', workspace } : null)}
        />
      )}
      {panel?.kind === 'edit' && (
        <WorkspaceDrawer
          key={panel.workspace.id}
          workspaceId={panel.workspace.id}
          canAssign={canAssign}
          onClose={close}
        />
      )}
      {panel?.kind === 'delete' && <DeleteWorkspace workspace={panel.workspace} onClose={close} />}
    </>
  );
}
