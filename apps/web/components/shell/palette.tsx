'use client';

import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import type { Session } from '@/lib/api/types';
import { settingsPagesOf } from '@/lib/roles';
import styles from './palette.module.css';

const [store, spotlight] = createSpotlight();

/** Where to go and what to do, by typing. */
export function Palette({ session, asked }: { session: Session; asked: number }) {
  const router = useRouter();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => spotlight.open(), [asked]);

  const pages = settingsPagesOf(session.org?.role);
  const groups: SpotlightActionGroupData[] = [
    {
      group: 'Workspaces',
      actions: session.workspaces.flatMap(({ id, slug, name }) => [
        {
          id,
          label: name,
          description: 'Agent node: pick a model and try it',
          onClick: () => router.push(`/w/${slug}/agent`),
        },
        {
          id: `${id}-runs`,
          label: `Runs of ${name}`,
          description: 'What ran, what it cost, and the key that served',
          onClick: () => router.push(`/w/${slug}/runs`),
        },
      ]),
    },
    {
      group: 'Settings',
      actions: pages.map((page) => ({
        id: page.href,
        label: page.label,
        description: page.purpose,
        onClick: () => router.push(page.href),
      })),
    },
    {
      group: 'Do',
      actions: [
        ...(session.org?.role === 'OWNER'
          ? [
              {
                id: 'add-key',
                label: 'Add a key',
                onClick: () => router.push('/settings/ai-providers?add=1'),
              },
            ]
          : []),
        { id: 'light', label: 'Light appearance', onClick: () => setColorScheme('light') },
        { id: 'dark', label: 'Dark appearance', onClick: () => setColorScheme('dark') },
      ],
    },
  ];
  return (
    <Spotlight
      store={store}
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={null}
      classNames={{ action: styles.action }}
      attributes={{ content: { 'aria-label': 'Search and commands' } }}
      nothingFound="Nothing by that name"
      highlightQuery
      searchProps={{ placeholder: 'Go to, or do …', 'aria-label': 'Go to, or do' }}
      transitionProps={{ duration: 100 }}
    />
  );
}
