'use client';

import { IconSelector } from '@tabler/icons-react';
import { useSession } from '@/lib/hooks/use-session';
import { Mark } from '@/components/ui/mark';
import { LazyMenu } from './lazy-menu';
import styles from './rail.module.css';

const loadMenu = () => import('./org-menu').then((module) => module.OrgMenu);

/** The organization's name and, for people in several, the way to the others. */
export function OrgSwitcher() {
  const { data } = useSession();
  return (
    <LazyMenu load={loadMenu} className={styles.org}>
      <Mark size={26} />
      <span className={styles.names}>
        <span className={styles.name}>{data?.org?.name ?? 'No organization'}</span>
        <span className={styles.detail}>
          Claviger · {data?.org?.role.toLowerCase() ?? (data?.orgs.length ? 'waiting' : 'none')}
        </span>
      </span>
      <IconSelector size={16} aria-hidden />
    </LazyMenu>
  );
}
