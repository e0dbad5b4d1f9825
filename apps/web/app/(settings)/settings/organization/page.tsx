import type { Metadata } from 'next';
import { OrganizationPage } from '@/components/org/organization-page';

export const metadata: Metadata = { title: 'Organization' };

export default function Page() {
  return <OrganizationPage />;
}
