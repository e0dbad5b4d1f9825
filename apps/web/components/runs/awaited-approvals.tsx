'use client';

import { Button, Group, Stack, Text } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import type { Word } from '@/lib/api/run-records';
import { timestamp } from '@/lib/format';
import { useChange } from '@/lib/hooks/queries';
import type { AwaitedApproval } from '@/lib/waiting';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { ToolCall } from './tool-call';

interface AwaitedApprovalsProps {
  approvals: AwaitedApproval[];
  onWord: (word: Word) => Promise<unknown>;
  /** What a word makes old. */
  stale?: readonly QueryKey[];
}

/** Calls that wait for somebody's word, each with what it would be given. Nothing of them is done before. */
export function AwaitedApprovals({ approvals, onWord, stale = [] }: AwaitedApprovalsProps) {
  const say = useChange(onWord, stale);
  return (
    <Stack gap="sm" mt="md">
      <Text fw={600} role="status">
        The run waits for your word: {approvals.length === 1 ? 'this call is' : 'these calls are'} not made
        before.
      </Text>
      {approvals.map(({ id, expiresAt, ...call }) => (
        <div key={id}>
          <ToolCall call={call} />
          <Group mt="xs" gap="xs" justify="space-between">
            <Text size="xs" c="dimmed">
              Until {timestamp(expiresAt)}; then the run ends.
            </Text>
            <Group gap="xs">
              <Button
                size="xs"
                variant="default"
                disabled={say.isPending}
                aria-label={`Reject ${call.name}`}
                onClick={() => say.mutate({ approvalId: id, approve: false })}
              >
                Reject
              </Button>
              <Button
                size="xs"
                disabled={say.isPending}
                aria-label={`Approve ${call.name}`}
                onClick={() => say.mutate({ approvalId: id, approve: true })}
              >
                Approve
              </Button>
            </Group>
          </Group>
        </div>
      ))}
      {say.error && <ProblemAlert error={say.error} />}
    </Stack>
  );
}
