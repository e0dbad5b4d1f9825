'use client';

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createQuota, deleteQuota, updateQuota } from '@/lib/api/quotas';
import type { NewQuota, Quota } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { coverWords, limitOf, METRICS, typedLimit, WINDOWS, type Named } from './quota-words';

interface QuotaFormProps extends Named {
  quota: Quota | null;
  onClose: () => void;
}

const STALE = [queryKeys.quotas, queryKeys.notices, queryKeys.allModels];

function thresholdsOf(typed: string): number[] {
  return [...new Set(typed.split(/[\s,;%]+/).filter((part) => part !== ''))].map(Number);
}

function scopeOf(covers: string): NewQuota['scope'] {
  if (covers === 'organization') return { type: 'organization' };
  const type = covers.startsWith('ws_') ? 'workspace' : covers.startsWith('tok_') ? 'token' : 'key';
  return { type, id: covers };
}

export function QuotaForm({ quota, onClose, ...named }: QuotaFormProps) {
  const announce = useAnnounce();
  const [name, setName] = useState(quota?.name ?? '');
  const [covers, setCovers] = useState('organization');
  const [metric, setMetric] = useState<Quota['metric']>(quota?.metric ?? 'cost_micro_usd');
  const [window, setWindow] = useState<Quota['window']>('month');
  const [limit, setLimit] = useState(quota ? typedLimit(quota) : '');
  const [mode, setMode] = useState<Quota['mode']>(quota?.mode ?? 'enforce');
  const [thresholds, setThresholds] = useState((quota?.thresholds ?? [50, 80, 100]).join(', '));
  const max = limitOf(metric, limit);
  const settings = { name, max: max ?? 0, mode, thresholds: thresholdsOf(thresholds) };
  const save = useChange(
    () =>
      quota
        ? updateQuota(quota, settings)
        : createQuota({ ...settings, scope: scopeOf(covers), metric, window }),
    STALE,
    (saved) => announce(`${saved.name} is saved`),
  );
  const remove = useChange(
    () => deleteQuota(quota?.id ?? ''),
    STALE,
    () => announce('It is deleted'),
  );
  const error = save.error ?? remove.error;
  return (
    <SidePanel title={quota ? quota.name : 'New budget or quota'} onClosed={onClose}>
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
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            {quota ? (
              <TextInput
                label="Counts"
                description="What it counts cannot be changed: make another one."
                readOnly
                value={`${METRICS[quota.metric]} a ${WINDOWS[quota.window]}, ${coverWords(quota.scope, named)}`}
              />
            ) : (
              <>
                <NativeSelect
                  label="Covers"
                  value={covers}
                  onChange={(event) => setCovers(event.currentTarget.value)}
                >
                  <option value="organization">the whole organization</option>
                  {named.workspaces?.map(({ id, name: of }) => (
                    <option key={id} value={id}>
                      the workspace {of}
                    </option>
                  ))}
                  {named.tokens
                    ?.filter(({ revokedAt }) => !revokedAt)
                    .map(({ id, name: of }) => (
                      <option key={id} value={id}>
                        the token {of}
                      </option>
                    ))}
                  {named.keys?.map(({ id, name: of }) => (
                    <option key={id} value={id}>
                      the key {of}
                    </option>
                  ))}
                </NativeSelect>
                <NativeSelect
                  label="Counts"
                  value={metric}
                  data={Object.entries(METRICS).map(([value, label]) => ({ value, label }))}
                  onChange={(event) => setMetric(event.currentTarget.value as Quota['metric'])}
                />
                <NativeSelect
                  label="In each"
                  value={window}
                  data={Object.entries(WINDOWS).map(([value, label]) => ({ value, label: `${label} (UTC)` }))}
                  onChange={(event) => setWindow(event.currentTarget.value as Quota['window'])}
                />
              </>
            )}
            <TextInput
              label={metric === 'cost_micro_usd' ? 'At most, in US dollars' : 'At most'}
              inputMode="decimal"
              autoComplete="off"
              value={limit}
              error={limit !== '' && max === undefined ? 'Give a plain number, like 25 or 12.50.' : undefined}
              onChange={(event) => setLimit(event.currentTarget.value)}
            />
            <NativeSelect
              label="A call that does not fit is"
              value={mode}
              onChange={(event) => setMode(event.currentTarget.value as Quota['mode'])}
            >
              <option value="enforce">refused, before anything is sent</option>
              <option value="monitor">made; owners and admins are told</option>
            </NativeSelect>
            <TextInput
              label="Tell at, in per cent"
              autoComplete="off"
              value={thresholds}
              onChange={(event) => setThresholds(event.currentTarget.value)}
            />
            {error && <ProblemAlert error={error} />}
            <Group justify="space-between">
              {quota ? (
                <Button
                  variant="default"
                  c="red"
                  loading={remove.isPending}
                  onClick={() => remove.mutate(undefined, { onSuccess: close })}
                >
                  Delete
                </Button>
              ) : (
                <span />
              )}
              <Group>
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button
                  type="submit"
                  disabled={name.trim() === '' || max === undefined}
                  loading={save.isPending}
                >
                  Save
                </Button>
              </Group>
            </Group>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
