import type { Metadata } from 'next';
import { AgentPage } from '@/components/agent/agent-page';

export const metadata: Metadata = { title: 'Agent node' };

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return <AgentPage slug={slug} />;
}
