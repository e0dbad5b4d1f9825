'use client';

import { Skeleton, Tabs } from '@mantine/core';
import type { Provider } from '@/lib/api/types';
import { useKeys } from '@/lib/hooks/queries';
import { SidePanel } from '@/components/ui/overlays';
import { EditKeyForm } from './edit-key-form';
import { KeyHealth } from './key-health';
import { KeyExpiry } from './key-status';
import { KeyTest } from './key-test';
import { KeyVersions } from './key-versions';

interface KeyDrawerProps {
  keyId: string;
  tab: 'edit' | 'test';
  providers: Provider[];
  onClose: () => void;
}

/** A key's details: its settings, its test, and replacing its secret. */
export function KeyDrawer({ keyId, tab, providers, onClose }: KeyDrawerProps) {
  const key = useKeys().data?.find((candidate) => candidate.id === keyId);
  const provider = providers.find((candidate) => candidate.slug === key?.provider);
  return (
    <SidePanel title={key?.name ?? 'Key'} onClosed={onClose}>
      {(close) =>
        key && provider ? (
          <Tabs defaultValue={tab} keepMounted={false}>
            <Tabs.List mb="md">
              <Tabs.Tab value="edit">Settings</Tabs.Tab>
              <Tabs.Tab value="test">Test</Tabs.Tab>
              <Tabs.Tab value="health">Health</Tabs.Tab>
              <Tabs.Tab value="versions">Versions</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="edit">
              <KeyExpiry of={key} />
              <EditKeyForm existing={key} provider={provider} onSaved={close} />
            </Tabs.Panel>
            <Tabs.Panel value="test">
              <KeyTest tested={key} />
            </Tabs.Panel>
            <Tabs.Panel value="health">
              <KeyHealth of={key} />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <KeyVersions of={key} />
            </Tabs.Panel>
          </Tabs>
        ) : (
          <Skeleton height={240} />
        )
      }
    </SidePanel>
  );
}
