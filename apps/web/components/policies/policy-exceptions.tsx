'use client';

import { Button, Group, NativeSelect, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { approve, listApprovals, revokeApproval } from '@/lib/api/policies';
import type { Policy, PolicyApproval, Token, Workspace } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Status } from '@/components/ui/status';
import { scopeWords } from './policy-table';

const LENGTHS = [
  { hours: 1, label: 'one hour' },
  { hours: 8, label: 'eight hours' },
  { hours: 24, label: 'a day' },
  { hours: 168, label: 'a week' },
];
const TONES = { active: 'warn', expired: 'quiet', revoked: 'quiet' } as const;

interface PolicyExceptionsProps {
  policy: Policy;
  workspaces: Workspace[] | undefined;
  tokens: Token[] | undefined;
  onClose: () => void;
}

/** Who is let off a policy for a while, and why. */
export function PolicyExceptions({ policy, workspaces, tokens, onClose }: PolicyExceptionsProps) {
  const key = [...queryKeys.policy(policy.id), 'approvals'];
  const approvals = useQuery({ queryKey: key, queryFn: () => listApprovals(policy.id) });
  const stale = [key, queryKeys.policies, queryKeys.allModels];
  const [subject, setSubject] = useState('');
  const [hours, setHours] = useState(LENGTHS[0]!.hours);
  const [reason, setReason] = useState('');
  const grant = useChange(
    () =>
      approve(policy.id, {
        ...(subject.startsWith('ws_') ? { workspaceId: subject } : { tokenId: subject }),
        reason: reason.trim(),
        expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString(),
      }),
    stale,
    () => setReason(''),
  );
  const end = useChange((id: string) => revokeApproval(policy.id, id), stale);
  const error = approvals.error ?? grant.error ?? end.error;
  const whom = ({ workspaceId, tokenId }: PolicyApproval) =>
    scopeWords(
      workspaceId ? { type: 'workspace', id: workspaceId } : { type: 'token', id: tokenId ?? '' },
      workspaces,
      tokens,
    );
  return (
    <SidePanel title={`Exceptions from ${policy.name}`} onClosed={onClose}>
      {() => (
        <Stack>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              grant.mutate(undefined);
            }}
          >
            <Stack>
              <NativeSelect
                data-autofocus
                label="Let off"
                value={subject}
                onChange={(event) => setSubject(event.currentTarget.value)}
              >
                <option value="" disabled>
                  choose
                </option>
                {workspaces?.map(({ id, name }) => (
                  <option key={id} value={id}>
                    the workspace {name}
                  </option>
                ))}
                {tokens
                  ?.filter(({ revokedAt }) => !revokedAt)
                  .map(({ id, name }) => (
                    <option key={id} value={id}>
                      the token {name}
                    </option>
                  ))}
              </NativeSelect>
              <NativeSelect
                label="For"
                description="It ends by itself"
                value={hours}
                onChange={(event) => setHours(Number(event.currentTarget.value))}
              >
                {LENGTHS.map(({ hours: value, label }) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </NativeSelect>
              <TextInput
                label="Reason"
                description="Kept in the audit log"
                autoComplete="off"
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
              <Group justify="flex-end">
                <Button
                  type="submit"
                  disabled={subject === '' || reason.trim() === ''}
                  loading={grant.isPending}
                >
                  Approve the exception
                </Button>
              </Group>
            </Stack>
          </form>
          {error && <ProblemAlert error={error} />}
          {approvals.isPending && <Skeleton height={40} />}
          {approvals.data?.length === 0 && <Text c="dimmed">Nobody has been let off this policy.</Text>}
          {approvals.data?.map((approval) => (
            <Group key={approval.id} justify="space-between" align="flex-start">
              <div>
                <Text fw={600}>{whom(approval)}</Text>
                <Text size="sm">{approval.reason}</Text>
                <Text size="sm" c="dimmed">
                  until {new Date(approval.expiresAt).toLocaleString()}, approved {ago(approval.createdAt)}
                </Text>
              </div>
              {approval.status === 'active' ? (
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`End it for ${whom(approval)}`}
                  loading={end.isPending && end.variables === approval.id}
                  onClick={() => end.mutate(approval.id)}
                >
                  End it
                </Button>
              ) : (
                <Status tone={TONES[approval.status]}>
                  {approval.status === 'expired' ? 'Over' : 'Ended'}
                </Status>
              )}
            </Group>
          ))}
        </Stack>
      )}
    </SidePanel>
  );
}
