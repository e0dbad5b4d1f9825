'use client';

import { useQuery } from '@tanstack/react-query';
import { IconHandStop } from '@tabler/icons-react';
import { getKillSwitch } from '@/lib/api/organization';
import { queryKeys } from '@/lib/hooks/queries';
import styles from './notice-strip.module.css';

const LOOK_AGAIN_MS = 30_000;
const WHO = {
  operator: 'the operator of this installation, who',
  owner: 'an owner. An owner',
} as const;

/** On top of every page while all calls of the organization are stopped: for everybody in it. */
export function StopStrip() {
  const stop = useQuery({
    queryKey: queryKeys.killSwitch,
    queryFn: getKillSwitch,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const stops = stop.data?.stops ?? [];
  if (stops.length === 0) return null;
  return (
    <aside className={styles.strip} aria-label="Calls are stopped">
      <ul className={styles.list}>
        {stops.map(({ by, reason }) => (
          <li key={by} className={styles.notice} data-level="critical">
            <IconHandStop className={styles.icon} size={16} aria-hidden />
            <span className={styles.text}>
              All AI calls of this organization are stopped by {WHO[by]} can let them through again.
              {reason && ` Reason: ${reason}`}
            </span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
