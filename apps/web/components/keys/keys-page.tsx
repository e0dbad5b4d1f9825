'use client';

import { Button, Group, Skeleton, Text } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useRouter, useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { updateKey } from '@/lib/api/keys';
import type { AiProvider } from '@/lib/api/types';
import { plural } from '@/lib/format';
import { KEY_STALE, useChange, useKeys, usePlan, useProviders } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import { PageHeader } from '@/components/ui/page-header';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Surface } from '@/components/ui/surface';
import { KeyTable, type KeyAction } from './key-table';
import { NoKeys } from './no-keys';
import { useKeySpend } from './use-key-spend';
import { matches, useKeyFilter } from './use-key-filter';

const KeyFilters = dynamic(() => import('./key-filters').then((module) => module.KeyFilters), {
  ssr: false,
  loading: () => <Skeleton height={36} />,
});
const ProviderGates = dynamic(() => import('./provider-gates').then((module) => module.ProviderGates), {
  ssr: false,
});
const AddKeyDrawer = dynamic(() => import('./add-key-drawer').then((module) => module.AddKeyDrawer), {
  ssr: false,
});
const KeyDrawer = dynamic(() => import('./key-drawer').then((module) => module.KeyDrawer), { ssr: false });
const DeleteKeyModal = dynamic(() => import('./delete-key-modal').then((module) => module.DeleteKeyModal), {
  ssr: false,
});

type Panel = { kind: 'add'; provider?: string } | { kind: 'edit' | 'test' | 'delete'; key: AiProvider };

export function KeysPage() {
  const { data: session } = useSession();
  const keys = useKeys();
  const providers = useProviders();
  const spend = useKeySpend();
  const announce = useAnnounce();
  const canWrite = session?.org?.role === 'OWNER';
  const params = useSearchParams();
  const router = useRouter();
  const asked = params.has('add');
  // A link to one key, e.g. of a notice: its drawer is open as long as the address names it.
  const linked = canWrite ? keys.data?.find((key) => key.id === params.get('key')) : undefined;
  const [panel, setPanel] = useState<Panel | null>(asked && canWrite ? { kind: 'add' } : null);
  const [filter, setFilter] = useKeyFilter();
  const toggle = useChange(
    (key: AiProvider) => updateKey(key.id, { enabled: !key.enabled }),
    KEY_STALE,
    (key) =>
      announce(
        `${key.name} is ${key.enabled ? 'enabled' : 'disabled: calls with it are refused from now on'}`,
      ),
  );
  const close = () => setPanel(null);
  const act = (action: KeyAction, key: AiProvider) => {
    if (action === 'toggle') toggle.mutate(key);
    else setPanel({ kind: action === 'open' ? 'edit' : action, key });
  };
  const empty = keys.data?.length === 0;
  const shown = keys.data?.filter((key) => matches(key, filter));

  return (
    <>
      <PageHeader
        title="AI Providers"
        purpose="Keys of your organization. A key is sealed when you add it and usable nowhere until you hand it to a workspace."
        action={canWrite && !empty && <Button onClick={() => setPanel({ kind: 'add' })}>Add a key</Button>}
      />
      {keys.error ? (
        <ProblemAlert error={keys.error} onRetry={() => void keys.refetch()} />
      ) : (
        <>
          {toggle.error && <ProblemAlert error={toggle.error} />}
          {empty ? (
            <Surface>
              <NoKeys
                providers={providers.data}
                canWrite={canWrite}
                onAdd={(provider) => setPanel({ kind: 'add', provider })}
              />
            </Surface>
          ) : (
            <>
              <KeyFilters filter={filter} providers={providers.data} onChange={setFilter} />
              <Surface title="Keys" aside={<KeyMeter />} flush>
                <KeyTable
                  keys={shown}
                  providers={providers.data}
                  spend={spend}
                  canWrite={canWrite}
                  onAction={act}
                />
                {shown?.length === 0 && (
                  <Group p="md">
                    <Text c="dimmed">No key matches these filters.</Text>
                    <Button
                      size="xs"
                      variant="default"
                      onClick={() => setFilter({ name: '', provider: '', status: '' })}
                    >
                      Clear the filters
                    </Button>
                  </Group>
                )}
              </Surface>
            </>
          )}
        </>
      )}
      {providers.error ? (
        <ProblemAlert error={providers.error} />
      ) : (
        <ProviderGates providers={providers.data} canWrite={canWrite} />
      )}
      {panel?.kind === 'add' && (
        <AddKeyDrawer provider={panel.provider} providers={providers.data ?? []} onClose={close} />
      )}
      {(panel?.kind === 'edit' || panel?.kind === 'test') && (
        <KeyDrawer keyId={panel.key.id} tab={panel.kind} providers={providers.data ?? []} onClose={close} />
      )}
      {!panel && linked && (
        <KeyDrawer
          keyId={linked.id}
          tab="edit"
          providers={providers.data ?? []}
          onClose={() => router.replace('/settings/ai-providers', { scroll: false })}
        />
      )}
      {panel?.kind === 'delete' && <DeleteKeyModal target={panel.key} onClose={close} />}
    </>
  );
}

/** How much of the plan the keys use: "3 of 5 keys". */
function KeyMeter() {
  const { data } = usePlan();
  if (!data) return null;
  const { limits, used } = data;
  return (
    <Text size="sm" c="dimmed" className="num">
      {limits.keys === null
        ? `${plural(used.keys, 'key')}, no limit`
        : `${used.keys} of ${plural(limits.keys, 'key')}`}
    </Text>
  );
}
