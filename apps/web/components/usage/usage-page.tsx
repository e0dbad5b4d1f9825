'use client';

import { Skeleton, Text } from '@mantine/core';
import dynamic from 'next/dynamic';
import { usePlan } from '@/lib/hooks/queries';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { LimitBar } from './limit-bar';
import styles from './usage.module.css';

const UsageTable = dynamic(() => import('./usage-table').then((module) => module.UsageTable), { ssr: false });

const LIMITS = [
  { key: 'keys', label: 'Provider keys' },
  { key: 'workspaces', label: 'Workspaces' },
  { key: 'members', label: 'Members beside the owner' },
  { key: 'executionsPerMonth', label: 'Executions this month' },
] as const;

export function UsagePage() {
  const plan = usePlan();
  const limited = plan.data && LIMITS.some(({ key }) => plan.data.limits[key] !== null);
  return (
    <>
      <PageHeader
        title="Plan & Usage"
        purpose="What your plan allows, how much of it is used, and what the calls cost."
      />
      {plan.error ? (
        <ProblemAlert error={plan.error} onRetry={() => void plan.refetch()} />
      ) : (
        <Surface title={plan.data ? `Plan: ${plan.data.plan}` : 'Plan'}>
          {plan.data ? (
            <>
              <div className={styles.limits}>
                {LIMITS.map(({ key, label }) => (
                  <LimitBar key={key} label={label} used={plan.data.used[key]} max={plan.data.limits[key]} />
                ))}
              </div>
              {limited && (
                <Text size="sm" c="dimmed" mt="md">
                  {plan.data.howToRaise}
                </Text>
              )}
            </>
          ) : (
            <Skeleton height={120} />
          )}
        </Surface>
      )}
      <UsageTable />
    </>
  );
}
