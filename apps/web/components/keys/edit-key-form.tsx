'use client';

import { Button, Group, Stack } from '@mantine/core';
import { updateKey } from '@/lib/api/keys';
import type { AiProvider, Provider } from '@/lib/api/types';
import { KEY_STALE, useChange } from '@/lib/hooks/queries';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { KeyFields } from './key-fields';
import { showFieldErrors, toInput, useKeyForm } from './key-form';

/** Changes what was changed: an untouched field keeps its value, an emptied one is cleared. */
export function EditKeyForm({
  existing,
  provider,
  onSaved,
}: {
  existing: AiProvider;
  provider: Provider;
  onSaved: () => void;
}) {
  const announce = useAnnounce();
  const form = useKeyForm(existing, provider);
  const save = useChange(
    () => updateKey(existing.id, toInput(form.values, existing)),
    KEY_STALE,
    ({ name, hints }) => {
      announce([`${name} is saved`, ...hints.map((hint) => hint.detail)].join('. '));
      onSaved();
    },
  );
  return (
    <form
      autoComplete="off"
      onSubmit={form.onSubmit(() =>
        save.mutate(undefined, { onError: (error) => showFieldErrors(form, error) }),
      )}
    >
      <Stack>
        <KeyFields form={form} provider={provider} existing={existing} />
        {save.error && <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
