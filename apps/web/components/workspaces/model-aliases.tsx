'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { changeModelAlias, listModelAliases } from '@/lib/api/model-aliases';
import type { ModelAlias, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { DataTable } from '@/components/ui/data-table';
import { Empty } from '@/components/ui/empty';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { Surface } from '@/components/ui/surface';

const AliasForm = dynamic(() => import('./alias-form').then((module) => module.AliasForm), { ssr: false });

const ALIASES_STALE = [queryKeys.modelAliases, queryKeys.allModels];

/** Names such as "fast" that callers send as the model. OWNERs and ADMINs, who see this page, may change them. */
export function ModelAliases({ workspaces }: { workspaces: Workspace[] | undefined }) {
  const announce = useAnnounce();
  const list = useQuery({ queryKey: queryKeys.modelAliases, queryFn: listModelAliases });
  const [panel, setPanel] = useState<{ alias: ModelAlias | null } | null>(null);
  const { data } = list;
  const remove = useChange(
    async (alias: ModelAlias) => {
      if (data) await changeModelAlias(data, alias, null);
    },
    ALIASES_STALE,
    (_, { name }) => announce(`The alias ${name} is gone`),
  );
  const where = ({ workspaceId }: ModelAlias) =>
    workspaceId === null
      ? 'Whole organization'
      : (workspaces?.find(({ id }) => id === workspaceId)?.name ?? workspaceId);
  const create = <Button onClick={() => setPanel({ alias: null })}>New alias</Button>;
  const error = list.error ?? remove.error;
  const isEmpty = data?.aliases.length === 0;
  return (
    <Surface title="Model aliases" flush aside={!isEmpty && create}>
      {error && <ProblemAlert error={error} onRetry={() => void list.refetch()} />}
      {isEmpty && (
        <Empty title="No aliases" action={create}>
          An alias such as fast or smart stands for the first model of its list that a workspace may use. Who
          sends it as the model need not know which that is.
        </Empty>
      )}
      {!isEmpty && !list.error && (
        <DataTable
          label="Model aliases"
          rows={data?.aliases}
          rowKey={({ name, workspaceId }) => `${name} ${workspaceId ?? ''}`}
          columns={[
            { key: 'name', title: 'Alias', cell: ({ name }) => <span className="mono wrap">{name}</span> },
            { key: 'where', title: 'Where', cell: where },
            {
              key: 'models',
              title: 'Stands for the first of',
              cell: ({ models }) => <span className="mono wrap">{models.join(', ')}</span>,
            },
            {
              key: 'actions',
              title: 'Actions',
              quietTitle: true,
              cell: (alias) => (
                <RowActions>
                  <RowButton of={`${alias.name}, ${where(alias)}`} onClick={() => setPanel({ alias })}>
                    Edit
                  </RowButton>
                  <RowButton of={`${alias.name}, ${where(alias)}`} onClick={() => remove.mutate(alias)}>
                    Delete
                  </RowButton>
                </RowActions>
              ),
            },
          ]}
        />
      )}
      {panel && data && (
        <AliasForm
          aliases={data}
          alias={panel.alias}
          workspaces={workspaces ?? []}
          onClose={() => setPanel(null)}
        />
      )}
    </Surface>
  );
}
