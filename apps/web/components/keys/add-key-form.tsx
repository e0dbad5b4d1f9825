'use client';

import { Alert, Button, Group, List, Stack } from '@mantine/core';
import { useState } from 'react';
import { createKey, testKey, updateKey } from '@/lib/api/keys';
import type { Provider, SavedAiProvider } from '@/lib/api/types';
import type { PastedKey } from '@/lib/detect/pasted-key';
import { KEY_STALE, useChange } from '@/lib/hooks/queries';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { KeyFields } from './key-fields';
import { showFieldErrors, toInput, useKeyForm } from './key-form';
import { TestSteps } from './test-steps';

interface AddKeyFormProps {
  provider: Provider;
  pasted: PastedKey | null;
  onBack: () => void;
  onDone: (saved: SavedAiProvider) => void;
}

/** Saves the key, then tests it over the real path; a refused key can be corrected or kept unverified. */
export function AddKeyForm({ provider, pasted, onBack, onDone }: AddKeyFormProps) {
  const [saved, setSaved] = useState<SavedAiProvider | null>(null);
  const form = useKeyForm(saved, provider, pasted);
  const test = useChange(testKey, KEY_STALE);
  const save = useChange(
    () => {
      const input = toInput(form.values, saved);
      return saved
        ? updateKey(saved.id, input)
        : createKey({ ...input, name: form.values.name.trim(), provider: provider.slug });
    },
    KEY_STALE,
    (key) => {
      setSaved(key);
      form.setFieldValue('credential', {});
      test.mutate(key.id, { onSuccess: (result) => result.ok && key.hints.length === 0 && onDone(key) });
    },
  );
  const submit = form.onSubmit(() =>
    save.mutate(undefined, { onError: (error) => showFieldErrors(form, error) }),
  );
  const tested = test.data !== undefined || test.error !== null;
  const refused = test.data && !test.data.ok;
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        <KeyFields form={form} provider={provider} existing={saved} />
        {save.error && <ProblemAlert error={save.error} />}
        {saved && saved.hints.length > 0 && (
          <Alert color="brass" title="Saved, but look at this">
            <List size="sm">
              {saved.hints.map((hint) => (
                <List.Item key={hint.detail}>{hint.detail}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {(test.isPending || test.data) && <TestSteps result={test.data} running={test.isPending} />}
        {test.error && <ProblemAlert error={test.error} />}
        <Group justify="space-between">
          <Button variant="default" onClick={onBack} disabled={saved !== null}>
            Back
          </Button>
          <Group>
            {saved && tested && (
              <Button variant={refused ? 'default' : 'filled'} onClick={() => onDone(saved)}>
                {test.data?.ok ? 'Continue' : 'Keep it unverified'}
              </Button>
            )}
            {(!saved || !test.data?.ok) && (
              <Button type="submit" loading={save.isPending || test.isPending}>
                {saved ? 'Correct and test again' : 'Save and test'}
              </Button>
            )}
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
