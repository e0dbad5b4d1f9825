'use client';

import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { AiProvider, Provider } from '@/lib/api/types';
import type { PastedKey } from '@/lib/detect/pasted-key';
import { SidePanel } from '@/components/ui/overlays';
import { StepBar } from '@/components/ui/step-bar';
import { AddKeyForm } from './add-key-form';
import { HandToWorkspaces } from './hand-to-workspaces';
import { PasteBox } from './paste-box';
import { ProviderTiles } from './provider-tiles';

interface AddKeyDrawerProps {
  /** The provider that was already chosen outside. */
  provider: string | undefined;
  providers: Provider[];
  onClose: () => void;
}

const STEPS = ['Provider', 'Key', 'Workspaces'];

/** Adding a key: Provider → Key (with its test) → Workspaces, in one drawer. */
export function AddKeyDrawer({ provider: preset, providers, onClose }: AddKeyDrawerProps) {
  const [slug, setSlug] = useState(preset);
  const [pasted, setPasted] = useState<PastedKey | null>(null);
  const [saved, setSaved] = useState<AiProvider | null>(null);
  const provider = providers.find((candidate) => candidate.slug === slug);
  const step = saved ? 2 : provider ? 1 : 0;
  return (
    <SidePanel title="Add a key" onClosed={onClose}>
      {(close) => (
        <Stack>
          <StepBar steps={STEPS} current={step} />
          {step === 0 && (
            <>
              <PasteBox
                onDetected={(found) => {
                  setPasted(found);
                  setSlug(found.provider);
                }}
              />
              <Text c="dimmed">or choose the provider</Text>
              <ProviderTiles providers={providers} onPick={setSlug} />
            </>
          )}
          {provider && !saved && (
            <AddKeyForm
              provider={provider}
              pasted={pasted}
              onBack={() => {
                setSlug(undefined);
                setPasted(null);
              }}
              onDone={setSaved}
            />
          )}
          {saved && <HandToWorkspaces added={saved} onDone={close} />}
        </Stack>
      )}
    </SidePanel>
  );
}
