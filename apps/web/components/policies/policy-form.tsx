'use client';

import { Button, Group, NativeSelect, Stack, Switch, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { createPolicy, deletePolicy, dryRunPolicy, updatePolicy } from '@/lib/api/policies';
import type { Policy, PolicySeverity, Token, Workspace } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { DryRunResult } from './dry-run-result';
import { draftOf, newRule, policyOf, type PolicyDraftState } from './policy-draft';
import { RuleFields } from './rule-fields';
import { RULE_TYPES, type RuleType } from './rule-words';

interface PolicyFormProps {
  policy: Policy | null;
  workspaces: Workspace[] | undefined;
  tokens: Token[] | undefined;
  onClose: () => void;
}

const STALE = [queryKeys.policies, queryKeys.allModels, queryKeys.violations];

export function PolicyForm({ policy, workspaces, tokens, onClose }: PolicyFormProps) {
  const announce = useAnnounce();
  const [draft, setDraft] = useState(() => draftOf(policy));
  const set = (change: Partial<PolicyDraftState>) => setDraft((old) => ({ ...old, ...change }));
  const save = useChange(
    () => (policy ? updatePolicy(policy, policyOf(draft)) : createPolicy(policyOf(draft))),
    STALE,
    ({ name }) => announce(`${name} is saved`),
  );
  const remove = useChange(
    () => deletePolicy(policy?.id ?? ''),
    STALE,
    () => announce('The policy is deleted'),
  );
  const dryRun = useMutation({ mutationFn: () => dryRunPolicy(policyOf(draft)) });
  const error = save.error ?? remove.error ?? dryRun.error;
  return (
    <SidePanel title={policy ? policy.name : 'New policy'} onClosed={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(undefined, { onSuccess: close });
          }}
        >
          <Stack>
            <TextInput
              data-autofocus
              label="Name"
              autoComplete="off"
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              label="What it is for"
              autoComplete="off"
              value={draft.description}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
            <NativeSelect
              label="Covers"
              value={draft.covers}
              onChange={(event) => set({ covers: event.currentTarget.value })}
            >
              <option value="organization">the whole organization</option>
              {workspaces?.map(({ id, name }) => (
                <option key={id} value={id}>
                  the workspace {name}
                </option>
              ))}
              {tokens
                ?.filter(({ id, revokedAt }) => !revokedAt || id === draft.covers)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    the token {name}
                  </option>
                ))}
            </NativeSelect>
            <NativeSelect
              label="A call that breaks a rule is"
              value={draft.severity}
              onChange={(event) => set({ severity: event.currentTarget.value as PolicySeverity })}
            >
              <option value="HIGH">refused, before anything is sent</option>
              <option value="MEDIUM">made, and told to owners and webhooks</option>
              <option value="LOW">made, and logged</option>
            </NativeSelect>
            <Switch
              label="In force"
              checked={draft.enabled}
              onChange={(event) => set({ enabled: event.currentTarget.checked })}
            />
            {draft.rules.map((rule, index) => (
              <RuleFields
                key={index}
                rule={rule}
                number={index + 1}
                onChange={(changed) =>
                  set({ rules: draft.rules.map((old, at) => (at === index ? changed : old)) })
                }
                onRemove={
                  draft.rules.length > 1
                    ? () => set({ rules: draft.rules.filter((_, at) => at !== index) })
                    : undefined
                }
              />
            ))}
            <NativeSelect
              label="Add a rule about"
              value=""
              onChange={(event) =>
                set({ rules: [...draft.rules, newRule(event.currentTarget.value as RuleType)] })
              }
            >
              <option value="" disabled>
                choose
              </option>
              {RULE_TYPES.map(({ type, label }) => (
                <option key={type} value={type}>
                  {label}
                </option>
              ))}
            </NativeSelect>
            {dryRun.data && <DryRunResult result={dryRun.data} />}
            {error && <ProblemAlert error={error} />}
            <Group justify="space-between">
              <Group>
                <Button variant="default" loading={dryRun.isPending} onClick={() => dryRun.mutate()}>
                  Try on recent runs
                </Button>
                {policy && (
                  <Button
                    variant="default"
                    c="red"
                    loading={remove.isPending}
                    onClick={() => remove.mutate(undefined, { onSuccess: close })}
                  >
                    Delete
                  </Button>
                )}
              </Group>
              <Group>
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button type="submit" disabled={draft.name.trim() === ''} loading={save.isPending}>
                  Save the policy
                </Button>
              </Group>
            </Group>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
