'use client';

import { Anchor, CloseButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle, IconCalendarClock } from '@tabler/icons-react';
import Link from 'next/link';
import { dismissNotice, listNotices } from '@/lib/api/organization';
import type { Notice } from '@/lib/api/types';
import { date } from '@/lib/format';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { useSession } from '@/lib/hooks/use-session';
import { useAnnounce } from '@/components/ui/announcer';
import styles from './notice-strip.module.css';

/** How many are shown; the rest is a number with a link to the keys. */
const SHOWN = 3;
const LOOK_AGAIN_MS = 5 * 60_000;

function sentence({ kind, subjectName, expiresAt, threshold }: Notice): string {
  if (kind === 'quota.threshold')
    return threshold !== null && threshold >= 100
      ? `${subjectName} is used up: calls that need more are refused until its next window.`
      : `${threshold} % of ${subjectName} are used.`;
  if (kind === 'webhook.disabled')
    return `The webhook ${subjectName} was disabled: its endpoint took nothing any more.`;
  if (kind === 'policy.alerted') return `Calls broke the policy ${subjectName} and went on: it alerts.`;
  if (kind === 'aiProvider.failing' || expiresAt === null)
    return `The vendor refuses the key ${subjectName}: three calls in a row or more were rejected.`;
  return kind === 'aiProvider.expired'
    ? `The key ${subjectName} expired on ${date(expiresAt)}: calls with it are refused.`
    : `The key ${subjectName} expires on ${date(expiresAt)}.`;
}

const ACTIONS: Record<Notice['kind'], string> = {
  'aiProvider.expiring': 'Rotate or change its expiry',
  'aiProvider.expired': 'Rotate or change its expiry',
  'aiProvider.failing': 'Look at its health',
  'quota.threshold': 'Look at it, or raise it',
  'policy.alerted': 'Look at its violations',
  'webhook.disabled': 'Look at its deliveries',
};

function pageOf({ kind, subjectId }: Notice): string {
  if (kind === 'webhook.disabled') return `/settings/webhooks?webhook=${subjectId}`;
  if (kind === 'quota.threshold') return '/settings/usage';
  return kind === 'policy.alerted' ? '/settings/policies' : `/settings/ai-providers?key=${subjectId}`;
}

/** What is wrong now comes before what will be. */
function timeOf({ expiresAt, createdAt }: Notice): number {
  return Date.parse(expiresAt ?? createdAt);
}

/** What OWNERs should know, and of quotas and policies ADMINs too, on top of every page, until one of them dismisses it. Without anything to say it is not there. */
export function NoticeStrip() {
  const announce = useAnnounce();
  const isOwner = useSession().data?.org?.role === 'OWNER';
  // A failure is silent here: the page below says what it cannot read.
  const notices = useQuery({
    queryKey: queryKeys.notices,
    queryFn: listNotices,
    refetchInterval: LOOK_AGAIN_MS,
  });
  const dismiss = useChange(
    (notice: Notice) => dismissNotice(notice.id),
    [queryKeys.notices],
    () => announce('The notice is dismissed for all owners'),
  );
  const all = [...(notices.data ?? [])].sort((a, b) => timeOf(a) - timeOf(b));
  if (all.length === 0) return null;
  return (
    <aside className={styles.strip} aria-label="Notices">
      <ul className={styles.list}>
        {all.slice(0, SHOWN).map((notice) => {
          const Shape =
            notice.level === 'critical' || notice.expiresAt === null ? IconAlertTriangle : IconCalendarClock;
          return (
            <li key={notice.id} className={styles.notice} data-level={notice.level}>
              <Shape className={styles.icon} size={16} aria-hidden />
              <span className={styles.text}>
                {sentence(notice)}{' '}
                <Anchor component={Link} href={pageOf(notice)} inherit underline="always">
                  {ACTIONS[notice.kind]}
                </Anchor>
              </span>
              {isOwner && (
                <CloseButton
                  size="sm"
                  aria-label={`Dismiss the notice about ${notice.subjectName}`}
                  disabled={dismiss.isPending}
                  onClick={() => dismiss.mutate(notice)}
                />
              )}
            </li>
          );
        })}
      </ul>
      {all.length > SHOWN && (
        <Anchor component={Link} href="/settings/ai-providers" size="sm">
          and {all.length - SHOWN} more
        </Anchor>
      )}
    </aside>
  );
}
