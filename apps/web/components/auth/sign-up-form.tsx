'use client';

import { Anchor, Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { signup } from '@/lib/api/auth';
import { useReplaceSession } from '@/lib/hooks/use-session';
import { safeNext } from '@/lib/safe-next';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { AuthCard } from './auth-card';

const MIN_PASSWORD = 10;

export function SignUpForm() {
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const replace = useReplaceSession();
  const form = useForm({
    initialValues: { name: '', orgName: '', email: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Enter your name'),
      orgName: (value) => (value.trim() ? null : 'Name the organization that will hold the keys'),
      email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Enter an email address'),
      password: (value) => (value.length >= MIN_PASSWORD ? null : `Use at least ${MIN_PASSWORD} characters`),
    },
  });
  const signUp = useMutation({
    mutationFn: signup,
    onSuccess: (session) => {
      replace(session);
      router.replace(next === '/' ? '/settings/ai-providers' : next);
    },
  });
  return (
    <AuthCard
      title="Create an account"
      purpose="You get an organization, of which you are the owner, and a first workspace."
      footer={
        <>
          Already have one?{' '}
          <Anchor
            component={Link}
            href={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`}
            underline="always"
          >
            Sign in
          </Anchor>
        </>
      }
    >
      <form method="post" onSubmit={form.onSubmit((values) => signUp.mutate(values))} noValidate>
        <Stack>
          {signUp.error && <ProblemAlert error={signUp.error} />}
          <TextInput label="Your name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
          <TextInput label="Organization" autoComplete="organization" {...form.getInputProps('orgName')} />
          <TextInput label="Email" type="email" autoComplete="username" {...form.getInputProps('email')} />
          <TextInput
            label="Password"
            description={`At least ${MIN_PASSWORD} characters. A sentence is a good one.`}
            type="password"
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={signUp.isPending} fullWidth>
            Create the account
          </Button>
        </Stack>
      </form>
    </AuthCard>
  );
}
