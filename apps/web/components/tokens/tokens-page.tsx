'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { listTokens } from '@/lib/api/people';
import { listPolicies } from '@/lib/api/policies';
import { listQuotas } from '@/lib/api/quotas';
import type { Token } from '@/lib/api/types';
import { queryKeys, useWorkspaces } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { TokenTable } from './token-table';

const CreateToken = dynamic(() => import('./create-token').then((module) => module.CreateToken), {
  ssr: false,
});
const RevokeToken = dynamic(() => import('./revoke-token').then((module) => module.RevokeToken), {
  ssr: false,
});
const RollToken = dynamic(() => import('./roll-token').then((module) => module.RollToken), { ssr: false });

type Panel = { kind: 'create' } | { kind: 'revoke' | 'roll'; token: Token };

export function TokensPage() {
  const tokens = useQuery({ queryKey: queryKeys.tokens, queryFn: listTokens });
  const workspaces = useWorkspaces();
  const policies = useQuery({ queryKey: queryKeys.policies, queryFn: listPolicies });
  const quotas = useQuery({ queryKey: queryKeys.quotas, queryFn: listQuotas });
  const needed = [tokens, policies, quotas];
  const error = needed.find((query) => query.error)?.error;
  const refetch = () => Promise.all(needed.map((query) => query.refetch()));
  const [panel, setPanel] = useState<Panel | null>(null);
  const close = () => setPanel(null);
  const create = <Button onClick={() => setPanel({ kind: 'create' })}>New token</Button>;
  const live = tokens.data?.filter((token) => !token.revokedAt);
  const empty = live?.length === 0;

  return (
    <>
      <PageHeader
        title="Tokens"
        purpose="Access for workflow engines and applications. A token may do what it was made for, and never more than its owner may at the moment."
        action={!empty && create}
      />
      {error ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : (
        <Surface flush>
          {empty ? (
            <Empty title="No tokens yet" action={create}>
              Give your workflow engine a token and it can run Agent nodes here, with the keys of its
              workspace and without ever seeing one.
            </Empty>
          ) : (
            <TokenTable
              // A token is not shown as free of limits before they are known.
              tokens={policies.data && quotas.data && live}
              workspaces={workspaces.data}
              policies={policies.data}
              quotas={quotas.data}
              onRoll={(token) => setPanel({ kind: 'roll', token })}
              onRevoke={(token) => setPanel({ kind: 'revoke', token })}
            />
          )}
        </Surface>
      )}
      {panel?.kind === 'create' && <CreateToken workspaces={workspaces.data ?? []} onClose={close} />}
      {panel?.kind === 'roll' && (
        <RollToken token={panel.token} workspaces={workspaces.data ?? []} onClose={close} />
      )}
      {panel?.kind === 'revoke' && <RevokeToken token={panel.token} onClose={close} />}
    </>
  );
}
