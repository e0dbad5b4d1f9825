'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { listTokens } from '@/lib/api/people';
import { listPolicies, newestViolations } from '@/lib/api/policies';
import type { Policy } from '@/lib/api/types';
import { queryKeys, useWorkspaces } from '@/lib/hooks/queries';
import { Empty } from '@/components/ui/empty';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { PolicyTable } from './policy-table';
import { ViolationTable } from './violation-table';

const PolicyForm = dynamic(() => import('./policy-form').then((module) => module.PolicyForm), { ssr: false });
const PolicyExceptions = dynamic(
  () => import('./policy-exceptions').then((module) => module.PolicyExceptions),
  { ssr: false },
);
const PolicyHistory = dynamic(() => import('./policy-history').then((module) => module.PolicyHistory), {
  ssr: false,
});

type Panel = { kind: 'create' } | { kind: 'edit' | 'exceptions' | 'history'; policy: Policy };

export function PoliciesPage() {
  const policies = useQuery({ queryKey: queryKeys.policies, queryFn: listPolicies });
  const violations = useQuery({ queryKey: queryKeys.violations, queryFn: newestViolations });
  const tokens = useQuery({ queryKey: queryKeys.tokens, queryFn: listTokens });
  const workspaces = useWorkspaces();
  const [panel, setPanel] = useState<Panel | null>(null);
  const close = () => setPanel(null);
  const create = <Button onClick={() => setPanel({ kind: 'create' })}>New policy</Button>;
  const empty = policies.data?.length === 0;
  const named = { workspaces: workspaces.data, tokens: tokens.data };
  const error = policies.error ?? violations.error;

  return (
    <>
      <PageHeader
        title="Policies"
        purpose="What calls may do, for the whole organization, one workspace or one token. A lower one adds to those above it and never lifts them."
        action={!empty && create}
      />
      {error ? (
        <ProblemAlert
          error={error}
          onRetry={() => void Promise.all([policies.refetch(), violations.refetch()])}
        />
      ) : (
        <>
          <Surface flush>
            {empty ? (
              <Empty title="No policies yet" action={create}>
                Say which models, tools or hours are fine, and what happens when a call asks for something
                else: it is logged, told, or refused before anything leaves the house.
              </Empty>
            ) : (
              <PolicyTable
                policies={policies.data}
                {...named}
                onEdit={(policy) => setPanel({ kind: 'edit', policy })}
                onExceptions={(policy) => setPanel({ kind: 'exceptions', policy })}
                onHistory={(policy) => setPanel({ kind: 'history', policy })}
              />
            )}
          </Surface>
          {(violations.data?.length ?? 0) > 0 && (
            <Surface flush>
              <ViolationTable violations={violations.data} workspaces={workspaces.data} />
            </Surface>
          )}
        </>
      )}
      {panel?.kind === 'create' && <PolicyForm policy={null} {...named} onClose={close} />}
      {panel?.kind === 'edit' && <PolicyForm policy={panel.policy} {...named} onClose={close} />}
      {panel?.kind === 'exceptions' && <PolicyExceptions policy={panel.policy} {...named} onClose={close} />}
      {panel?.kind === 'history' && <PolicyHistory policy={panel.policy} onClose={close} />}
    </>
  );
}
