import type { Metadata } from 'next';
import { UsagePage } from '@/components/usage/usage-page';

export const metadata: Metadata = { title: 'Plan & Usage' };

export default function Page() {
  return <UsagePage />;
}
