'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useSession } from '@/lib/hooks/use-session';
import { settingsPagesOf } from '@/lib/roles';
import { Empty } from '@/components/ui/empty';
import { Surface } from '@/components/ui/surface';

/** Members have no Settings: the planes refuse them, and this says so before they ask. */
export function SettingsGate({ children }: { children: ReactNode }) {
  const { data } = useSession();
  if (settingsPagesOf(data?.org?.role).length > 0) return children;
  return (
    <Surface>
      <Empty
        alone
        title="Settings belong to the owners"
        action={
          <Button component={Link} href="/" variant="default">
            To my workspaces
          </Button>
        }
      >
        Ask an owner of {data?.org?.name ?? 'the organization'} when you need a key, another model or a token.
      </Empty>
    </Surface>
  );
}
