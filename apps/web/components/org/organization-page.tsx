'use client';

import { useSession } from '@/lib/hooks/use-session';
import { PageHeader } from '@/components/ui/page-header';
import { OwnKmsKey } from './own-kms-key';

export function OrganizationPage() {
  const { data: session } = useSession();
  return (
    <>
      <PageHeader title="Organization" purpose="What holds for the whole organization. Owners only." />
      {session?.org?.role === 'OWNER' && <OwnKmsKey />}
    </>
  );
}
