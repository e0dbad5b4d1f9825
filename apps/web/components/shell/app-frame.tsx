'use client';

import { ActionIcon } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import dynamic from 'next/dynamic';
import { usePathname, useRouter } from 'next/navigation';
import { useEffect, useState, type ReactNode } from 'react';
import { isProblem } from '@/lib/api/problem';
import { useSession } from '@/lib/hooks/use-session';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { Mark } from '@/components/ui/mark';
import { CommandPalette, openPalette } from './command-palette';
import { FrameSkeleton } from './frame-skeleton';
import { Rail } from './rail';
import styles from './app-frame.module.css';

const StopStrip = dynamic(
  () => import('@/components/notices/stop-strip').then((module) => module.StopStrip),
  { ssr: false },
);
const NoticeStrip = dynamic(
  () => import('@/components/notices/notice-strip').then((module) => module.NoticeStrip),
  { ssr: false },
);
const RestoredBanner = dynamic(
  () => import('@/components/notices/restored-banner').then((module) => module.RestoredBanner),
  { ssr: false },
);
const MobileRail = dynamic(() => import('./mobile-rail').then((module) => module.MobileRail), { ssr: false });

/** The frame around every page of a signed-in person: the rail on the left, the page beside it. */
export function AppFrame({ children }: { children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const pathname = usePathname();
  const [asked, setAsked] = useState(false);
  const [railOpen, rail] = useDisclosure(false, { onOpen: () => setAsked(true) });
  const signedOut = isProblem(session.error) && session.error.status === 401;

  useEffect(() => {
    if (signedOut) router.replace(`/sign-in?next=${encodeURIComponent(pathname)}`);
  }, [signedOut, pathname, router]);

  if (session.error && !signedOut) {
    return (
      <main className={styles.alone}>
        <ProblemAlert error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  if (!session.data) return <FrameSkeleton />;
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#content">
        Skip to content
      </a>
      <header className={styles.top}>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label="Navigation"
          aria-expanded={railOpen}
          onClick={rail.open}
        >
          <IconMenu2 size={20} aria-hidden />
        </ActionIcon>
        <span className={styles.brand}>
          <Mark size={24} />
          <strong>Claviger</strong>
        </span>
        <ActionIcon variant="subtle" color="gray" aria-label="Search and commands" onClick={openPalette}>
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
      </header>
      <div className={styles.rail}>
        <Rail session={session.data} />
      </div>
      {asked && <MobileRail session={session.data} opened={railOpen} onClose={rail.close} />}
      <main id="content" className={styles.main} tabIndex={-1}>
        <div className={styles.page}>
          {session.data.org?.role === 'OWNER' && <RestoredBanner />}
          {session.data.org && <StopStrip />}
          {(session.data.org?.role === 'OWNER' || session.data.org?.role === 'ADMIN') && <NoticeStrip />}
          {children}
        </div>
      </main>
      <CommandPalette session={session.data} />
    </div>
  );
}
