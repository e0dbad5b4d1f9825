'use client';

import { Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconCheck } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { me, setActiveOrg } from '@/lib/api/auth';
import { useReplaceSession, useSession } from '@/lib/hooks/use-session';

/** The organizations of this person; choosing one forgets what was read of the other. */
export function OrgMenu({ button }: { button: ReactNode }) {
  const router = useRouter();
  const { data } = useSession();
  const replace = useReplaceSession();
  const change = useMutation({
    mutationFn: async (orgId: string) => {
      await setActiveOrg(orgId);
      return me();
    },
    onSuccess: (next) => {
      replace(next);
      router.push('/');
    },
  });
  return (
    <Menu position="bottom-start" width={224} defaultOpened>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organizations</Menu.Label>
        {data?.orgs.map((org) => (
          <Menu.Item
            key={org.id}
            disabled={org.status === 'pending' || change.isPending}
            leftSection={
              org.id === data.org?.id ? <IconCheck size={15} aria-hidden /> : <span style={{ width: 15 }} />
            }
            onClick={() => change.mutate(org.id)}
          >
            {org.name}
            {org.status === 'pending' && ' (waiting for approval)'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
