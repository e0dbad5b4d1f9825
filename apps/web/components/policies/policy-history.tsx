'use client';

import { Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listPolicyVersions } from '@/lib/api/policies';
import type { Policy } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { queryKeys } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { ruleWords, SEVERITY_WORDS } from './rule-words';

/** What a policy was, version by version. */
export function PolicyHistory({ policy, onClose }: { policy: Policy; onClose: () => void }) {
  const versions = useQuery({
    queryKey: [...queryKeys.policy(policy.id), 'versions'],
    queryFn: () => listPolicyVersions(policy.id),
  });
  return (
    <SidePanel title={`History of ${policy.name}`} onClosed={onClose}>
      {() => (
        <Stack>
          {versions.error && <ProblemAlert error={versions.error} onRetry={() => void versions.refetch()} />}
          {versions.isPending && <Skeleton height={60} />}
          {versions.data?.map((version) => (
            <div key={version.version}>
              <Text fw={600}>
                Version {version.version}, {ago(version.changedAt)}
              </Text>
              <Text size="sm" c="dimmed" className="mono">
                {version.changedBy}
              </Text>
              <Text size="sm">
                {version.name}: {version.enabled ? SEVERITY_WORDS[version.severity] : 'Off'}
              </Text>
              {version.rules.map((rule, index) => (
                <Text key={index} size="sm" style={{ overflowWrap: 'anywhere' }}>
                  {ruleWords(rule)}
                </Text>
              ))}
            </div>
          ))}
        </Stack>
      )}
    </SidePanel>
  );
}
