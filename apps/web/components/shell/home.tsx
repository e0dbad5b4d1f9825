'use client';

import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useSession } from '@/lib/hooks/use-session';
import { Empty } from '@/components/ui/empty';
import { Surface } from '@/components/ui/surface';

/** Sends owners and admins to the keys and everybody else to their first workspace. */
export function Home() {
  const router = useRouter();
  const { data } = useSession();
  const role = data?.org?.role;
  const first = data?.workspaces[0]?.slug;
  const target =
    role === 'OWNER' || role === 'ADMIN' ? '/settings/ai-providers' : first ? `/w/${first}/agent` : null;

  useEffect(() => {
    if (target) router.replace(target);
  }, [target, router]);

  if (target || !data) return null;
  return (
    <Surface>
      {data.org ? (
        <Empty alone title="No workspace yet">
          An owner or admin of {data.org.name} can add you to a workspace. It then appears on the left.
        </Empty>
      ) : data.orgs.length === 0 ? (
        <Empty alone title="You belong to no organization">
          The one that you were in was deleted, or you were taken out of it. Your account stays: open an
          invite link of another organization to join it.
        </Empty>
      ) : data.orgs.some(({ status }) => status === 'active') ? (
        <Empty alone title="No organization chosen">
          The one that you worked in is gone. Choose another one at the top of the navigation.
        </Empty>
      ) : (
        <Empty alone title="Waiting for approval">
          An owner has to approve you before anything shows here. You can leave this page and come back.
        </Empty>
      )}
    </Surface>
  );
}
