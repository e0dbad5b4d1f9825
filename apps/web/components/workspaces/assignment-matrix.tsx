'use client';

import { Button, Skeleton } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { IconCheck, IconPlayerPause } from '@tabler/icons-react';
import Link from 'next/link';
import { listAssignments } from '@/lib/api/workspaces';
import type { AiProvider, Assignment, Workspace } from '@/lib/api/types';
import { queryKeys, useKeys } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RowButton } from '@/components/ui/row-button';
import { isExpired, KeyState } from '@/components/keys/key-status';
import styles from './workspaces.module.css';

interface AssignmentMatrixProps {
  workspaces: Workspace[] | undefined;
  canAssign: boolean;
  onEdit: (workspace: Workspace) => void;
}

/** Keys down, workspaces across: who may use what, at one look. */
export function AssignmentMatrix({ workspaces, canAssign, onEdit }: AssignmentMatrixProps) {
  const keys = useKeys();
  const results = useQueries({
    queries: (workspaces ?? []).map(({ id }) => ({
      queryKey: queryKeys.assignments(id),
      queryFn: () => listAssignments(id),
    })),
  });
  const failed = keys.error ?? results.find((result) => result.error)?.error;
  if (failed) return <ProblemAlert error={failed} onRetry={() => void keys.refetch()} />;
  if (!keys.data || !workspaces || results.some((result) => !result.data))
    return <Skeleton height={160} m="md" w="auto" />;
  if (keys.data.length === 0) {
    return (
      <Empty
        title="No keys to hand out yet"
        action={
          canAssign && (
            <Button component={Link} href="/settings/ai-providers?add=1">
              Add a key
            </Button>
          )
        }
      >
        Once the organization has a key, you tick here which workspaces may use it.
      </Empty>
    );
  }
  return (
    <div className={styles.scroll} role="region" aria-label="Keys by workspace" tabIndex={0}>
      <table className={styles.matrix}>
        <thead>
          <tr>
            <th scope="col">Key</th>
            {workspaces.map((workspace) => (
              <th key={workspace.id} scope="col">
                <span className={styles.column}>{workspace.name}</span>
                {canAssign && (
                  <RowButton
                    of={`the keys of ${workspace.name}`}
                    size="compact-xs"
                    onClick={() => onEdit(workspace)}
                  >
                    Edit
                  </RowButton>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {keys.data.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                {key.name}
                <KeyTrouble of={key} />
              </th>
              {workspaces.map((workspace, index) => (
                <td key={workspace.id}>
                  <Cell
                    assignment={results[index]?.data?.find(
                      (assignment) => assignment.aiProviderId === key.id,
                    )}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What keeps calls away from the key, if anything does. */
function KeyTrouble({ of }: { of: AiProvider }) {
  if (of.status === 'configured' && !isExpired(of)) return null;
  return (
    <div className={styles.state}>
      <KeyState of={of} />
    </div>
  );
}

function Cell({ assignment }: { assignment: Assignment | undefined }) {
  if (!assignment) return <span className={styles.none}>–</span>;
  const Sign = assignment.active ? IconCheck : IconPlayerPause;
  return (
    <span className={styles.cell} data-active={assignment.active}>
      <Sign size={16} aria-hidden />
      {assignment.active ? `priority ${assignment.priority}` : 'paused'}
    </span>
  );
}
