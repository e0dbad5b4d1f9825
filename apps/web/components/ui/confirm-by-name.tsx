'use client';

import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert';

interface ConfirmByNameProps {
  name: string;
  verb: string;
  /** The blast radius: shown before anything can be confirmed. */
  children: ReactNode;
  error: unknown;
  pending: boolean;
  /** Whether the name must be typed; where nothing depends on the thing, one click is enough. */
  mustType?: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks for the name of what will be gone for good. */
export function ConfirmByName({
  name,
  verb,
  children,
  error,
  pending,
  mustType = true,
  onConfirm,
  onCancel,
}: ConfirmByNameProps) {
  const [typed, setTyped] = useState('');
  const certain = !mustType || typed.trim() === name;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (certain) onConfirm();
      }}
    >
      <Stack>
        {children}
        {mustType && (
          <TextInput
            data-autofocus
            label={`Type “${name}” to confirm`}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {error !== null && error !== undefined && <ProblemAlert error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Keep it
          </Button>
          <Button type="submit" color="red" disabled={!certain} loading={pending}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
