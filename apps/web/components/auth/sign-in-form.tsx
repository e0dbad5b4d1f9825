'use client';

import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { login } from '@/lib/api/auth';
import { useReplaceSession } from '@/lib/hooks/use-session';
import { safeNext } from '@/lib/safe-next';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { AuthCard } from './auth-card';

const REFUSALS = { unauthenticated: 'That e-mail and password do not match' };

export function SignInForm() {
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const replace = useReplaceSession();
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : 'Enter the address that you signed up with'),
      password: (value) => (value ? null : 'Enter your password'),
    },
  });
  const signIn = useMutation({
    mutationFn: login,
    onSuccess: (session) => {
      replace(session);
      router.replace(next);
    },
  });
  return (
    <AuthCard
      title="Sign in"
      purpose="Provider keys for teams: held by owners, handed to workspaces."
      footer={
        <>
          New here?{' '}
          <Anchor
            component={Link}
            href={next === '/' ? '/sign-up' : `/sign-up?next=${encodeURIComponent(next)}`}
            underline="always"
          >
            Create an account
          </Anchor>
        </>
      }
    >
      <form method="post" onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
        <Stack>
          {signIn.error && <ProblemAlert error={signIn.error} headings={REFUSALS} />}
          <TextInput
            label="Email"
            type="email"
            autoComplete="username"
            autoFocus
            {...form.getInputProps('email')}
          />
          <TextInput
            label="Password"
            type="password"
            autoComplete="current-password"
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
