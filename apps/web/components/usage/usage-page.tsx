'use client';

import { Skeleton, Text } from '@mantine/core';
import dynamic from 'next/dynamic';
import { usePlan } from '@/lib/hooks/queries';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { LimitBar } from './limit-bar';
import { PlanReach } from './plan-reach';
import styles from './usage.module.css';

const UsageExplorer = dynamic(() => import('./usage-explorer').then((module) => module.UsageExplorer), {
  ssr: false,
});

const Quotas = dynamic(() => import('./quotas').then((module) => module.Quotas), { ssr: false });
const Prices = dynamic(() => import('./prices').then((module) => module.Prices), { ssr: false });

const LIMITS = [
  { key: 'keys', label: 'Provider keys' },
  { key: 'workspaces', label: 'Workspaces' },
  { key: 'members', label: 'Members beside the owner' },
  { key: 'executionsPerMonth', label: 'Executions this month' },
  { key: 'mcpServers', label: 'MCP servers' },
] as const;

export function UsagePage() {
  const plan = usePlan();
  const limited = plan.data && Object.values(plan.data.limits).some((limit) => limit !== null);
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
                  <LimitBar
                    key={key}
                    label={label}
                    used={plan.data.used[key]}
                    max={plan.data.limits[key]}
                    whatToDo={plan.data.standing.find(({ limit }) => limit === key)?.whatToDo}
                  />
                ))}
              </div>
              <PlanReach limits={plan.data.limits} />
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
      <Quotas />
      <UsageExplorer />
      <Prices />
    </>
  );
}
