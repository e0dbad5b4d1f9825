'use client';

import { Button, Skeleton, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { acceptInvite, previewInvite } from '@/lib/api/auth';
import { useReplaceSession, useSession } from '@/lib/hooks/use-session';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { AuthCard } from './auth-card';
import { JoinAsSelf } from './join-as-self';

const JoinAsNew = dynamic(() => import('./join-as-new').then((module) => module.JoinAsNew), { ssr: false });

/** The end of an invite link: who is signed in asks to join, anybody else makes an account; an owner approves. */
export function AcceptInvite({ token }: { token: string }) {
  const session = useSession();
  const replace = useReplaceSession();
  const invite = useQuery({ queryKey: ['invite', token], queryFn: () => previewInvite(token), retry: false });
  const join = useMutation({
    mutationFn: (body: Parameters<typeof acceptInvite>[1]) => acceptInvite(token, body),
  });
  if (join.data) {
    const next = join.data;
    return (
      <AuthCard
        title="You asked to join"
        purpose="An owner approves you next. The organization then appears in the switcher at the top left."
      >
        <Button component={Link} href="/" fullWidth onClick={() => replace(next)}>
          Continue
        </Button>
      </AuthCard>
    );
  }
  if (invite.error) {
    return (
      <AuthCard
        title="This link does not work"
        purpose="It may be switched off, expired or deleted. Ask whoever sent it for another one."
      >
        <ProblemAlert error={invite.error} />
      </AuthCard>
    );
  }
  if (!invite.data || session.isPending) {
    return (
      <AuthCard title="Join an organization" purpose="Reading the invite …">
        <Skeleton height={120} />
      </AuthCard>
    );
  }
  const { orgName, role } = invite.data;
  return (
    <AuthCard
      title={`Join ${orgName}`}
      purpose={`You are invited as ${role.toLowerCase()}. After you accept, an owner approves you.`}
    >
      {join.error && <ProblemAlert error={join.error} />}
      {session.data ? (
        <JoinAsSelf email={session.data.user.email} pending={join.isPending} onJoin={() => join.mutate({})} />
      ) : (
        <>
          <JoinAsNew pending={join.isPending} onJoin={join.mutate} />
          <Text size="sm" mt="md">
            Have an account?{' '}
            <Link href={`/sign-in?next=${encodeURIComponent(`/invite/${token}`)}`}>Sign in</Link> and come
            back to this link.
          </Text>
        </>
      )}
    </AuthCard>
  );
}
