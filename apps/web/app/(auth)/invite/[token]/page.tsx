import type { Metadata } from 'next';
import { AcceptInvite } from '@/components/auth/accept-invite';

export const metadata: Metadata = { title: 'Join' };

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  return <AcceptInvite token={token} />;
}
