'use client';

import { Skeleton, Tabs } from '@mantine/core';
import { useWorkspaces } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { AssignmentEditor } from './assignment-editor';
import { WorkspaceGeneral } from './workspace-general';
import { WorkspaceMembers } from './workspace-members';

interface WorkspaceDrawerProps {
  workspaceId: string;
  canAssign: boolean;
  onClose: () => void;
}

/** A workspace's keys, its name, and who may do what in it. */
export function WorkspaceDrawer({ workspaceId, canAssign, onClose }: WorkspaceDrawerProps) {
  const workspace = useWorkspaces().data?.find((candidate) => candidate.id === workspaceId);
  return (
    <SidePanel title={workspace?.name ?? 'Workspace'} onClosed={onClose}>
      {(close) =>
        workspace ? (
          <Tabs defaultValue={canAssign ? 'keys' : 'general'} keepMounted={false}>
            <Tabs.List mb="md">
              {canAssign && <Tabs.Tab value="keys">AI Providers</Tabs.Tab>}
              <Tabs.Tab value="general">General</Tabs.Tab>
              <Tabs.Tab value="members">Members</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="keys">
              <AssignmentEditor workspace={workspace} onSaved={close} />
            </Tabs.Panel>
            <Tabs.Panel value="general">
              <WorkspaceGeneral workspace={workspace} onSaved={close} />
            </Tabs.Panel>
            <Tabs.Panel value="members">
              <WorkspaceMembers workspace={workspace} />
            </Tabs.Panel>
          </Tabs>
        ) : (
          <Skeleton height={240} />
        )
      }
    </SidePanel>
  );
}
