'use client';

import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createPriceOverride } from '@/lib/api/quotas';
import { queryKeys, useChange, useProviders } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { SidePanel } from '@/components/ui/overlays';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { limitOf } from './quota-words';

const dollars = (typed: string) => limitOf('cost_micro_usd', typed);

export function PriceForm({ onClose }: { onClose: () => void }) {
  const announce = useAnnounce();
  const providers = useProviders();
  const [provider, setProvider] = useState('openai');
  const [model, setModel] = useState('');
  const [input, setInput] = useState('');
  const [output, setOutput] = useState('');
  const [cached, setCached] = useState('');
  const [from, setFrom] = useState('');
  const [inputPrice, outputPrice, cachedPrice] = [dollars(input), dollars(output), dollars(cached)];
  const save = useChange(
    () =>
      createPriceOverride({
        ...{ provider, model: model.trim() },
        inputMicroUsdPerMTok: inputPrice ?? 0,
        outputMicroUsdPerMTok: outputPrice ?? 0,
        ...(cachedPrice === undefined ? {} : { cachedInputMicroUsdPerMTok: cachedPrice }),
        ...(from === '' ? {} : { effectiveFrom: `${from}T00:00:00Z` }),
      }),
    [queryKeys.prices, queryKeys.allModels],
    (saved) => announce(`The price of ${saved.model} is set`),
  );
  const isReady = model.trim() !== '' && inputPrice !== undefined && outputPrice !== undefined;
  return (
    <SidePanel title="Set a price" onClosed={onClose}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate(undefined, { onSuccess: close });
          }}
        >
          <Stack>
            <NativeSelect
              label="Provider"
              value={provider}
              data={providers.data?.map(({ slug, name }) => ({ value: slug, label: name })) ?? [provider]}
              onChange={(event) => setProvider(event.currentTarget.value)}
            />
            <TextInput
              data-autofocus
              label="Model"
              description="As the vendor spells it."
              autoComplete="off"
              value={model}
              onChange={(event) => setModel(event.currentTarget.value)}
            />
            <TextInput
              label="Input, US dollars for a million tokens"
              inputMode="decimal"
              autoComplete="off"
              value={input}
              onChange={(event) => setInput(event.currentTarget.value)}
            />
            <TextInput
              label="Output, US dollars for a million tokens"
              inputMode="decimal"
              autoComplete="off"
              value={output}
              onChange={(event) => setOutput(event.currentTarget.value)}
            />
            <TextInput
              label="Cached input (empty: as input)"
              inputMode="decimal"
              autoComplete="off"
              value={cached}
              onChange={(event) => setCached(event.currentTarget.value)}
            />
            <TextInput
              type="date"
              label="From (UTC; empty: now)"
              value={from}
              onChange={(event) => setFrom(event.currentTarget.value)}
            />
            {save.error && <ProblemAlert error={save.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" disabled={!isReady} loading={save.isPending}>
                Set the price
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
