'use client';

import { useSession } from '@/lib/hooks/use-session';
import { LazyMenu } from './lazy-menu';
import styles from './rail.module.css';

const loadMenu = () => import('./account-menu').then((module) => module.AccountMenu);

function initials(name: string): string {
  return name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
}

/** Who is signed in; opens the account's menu. */
export function AccountButton() {
  const { data } = useSession();
  return (
    <LazyMenu load={loadMenu} className={styles.account}>
      <span className={styles.avatar} aria-hidden="true">
        {initials(data?.user.name ?? '')}
      </span>
      <span className={styles.names}>
        <span className={styles.name}>{data?.user.name}</span>
        <span className={styles.detail}>{data?.user.email}</span>
      </span>
    </LazyMenu>
  );
}
