'use client';

import { Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';

interface JoinAsNewProps {
  pending: boolean;
  onJoin: (person: { name: string; email: string; password: string }) => void;
}

/** An account for somebody who comes by an invite link; it needs no organization of its own. */
export function JoinAsNew({ pending, onJoin }: JoinAsNewProps) {
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter your name'),
      email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Enter an email address'),
      password: (value) => (value.length >= 10 ? null : 'Use at least 10 characters'),
    },
  });
  return (
    <form method="post" noValidate onSubmit={form.onSubmit(onJoin)}>
      <Stack>
        <TextInput label="Your name" autoComplete="name" {...form.getInputProps('name')} />
        <TextInput label="Email" type="email" autoComplete="username" {...form.getInputProps('email')} />
        <TextInput
          label="Password"
          description="At least 10 characters"
          type="password"
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Button type="submit" loading={pending}>
          Create the account and ask to join
        </Button>
      </Stack>
    </form>
  );
}
