'use client';

import { IconListDetails, IconRobot, type Icon } from '@tabler/icons-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { Session } from '@/lib/api/types';
import { settingsPagesOf } from '@/lib/roles';
import { AccountButton } from './account-button';
import { openPalette } from './command-palette';
import { OrgSwitcher } from './org-switcher';
import { SETTINGS_ICONS } from './settings-icons';
import styles from './rail.module.css';

interface RailLinkProps {
  href: string;
  label: string;
  Icon: Icon | undefined;
  onNavigate: (() => void) | undefined;
}

function RailLink({ href, label, Icon, onNavigate }: RailLinkProps) {
  const active = usePathname() === href;
  return (
    <Link
      href={href}
      prefetch={false}
      onClick={onNavigate}
      className={styles.link}
      aria-current={active ? 'page' : undefined}
    >
      {Icon && <Icon size={17} aria-hidden />}
      <span>{label}</span>
    </Link>
  );
}

/** The runs of a workspace, beside its name. */
function RunsLink({ slug, name, onNavigate }: { slug: string; name: string; onNavigate?: () => void }) {
  const href = `/w/${slug}/runs`;
  const active = usePathname() === href;
  return (
    <Link
      href={href}
      prefetch={false}
      onClick={onNavigate}
      className={styles.runs}
      aria-label={`Runs of ${name}`}
      title={`Runs of ${name}`}
      aria-current={active ? 'page' : undefined}
    >
      <IconListDetails size={17} aria-hidden />
    </Link>
  );
}

/** Organization, workspaces, and Settings for those who have any. */
export function Rail({ session, onNavigate }: { session: Session; onNavigate?: () => void }) {
  const settings = settingsPagesOf(session.org?.role);
  return (
    <nav className={styles.rail} aria-label="Main">
      <OrgSwitcher />
      <button type="button" className={styles.search} onClick={openPalette}>
        <span>Search and commands</span>
        <kbd>⌘K</kbd>
      </button>
      <h2 className={styles.heading}>Workspaces</h2>
      <div className={styles.workspaces}>
        {session.workspaces.length === 0 && (
          <p className={styles.none}>None yet. An owner or admin can add you to one.</p>
        )}
        {session.workspaces.map(({ id, slug, name }) => (
          <div key={id} className={styles.workspace}>
            <RailLink href={`/w/${slug}/agent`} label={name} Icon={IconRobot} onNavigate={onNavigate} />
            <RunsLink slug={slug} name={name} onNavigate={onNavigate} />
          </div>
        ))}
      </div>
      <div className={styles.settings}>
        {settings.length > 0 && <h2 className={styles.heading}>Settings</h2>}
        {settings.map(({ href, label }) => (
          <RailLink
            key={href}
            href={href}
            label={label}
            Icon={SETTINGS_ICONS[href]}
            onNavigate={onNavigate}
          />
        ))}
      </div>
      <AccountButton />
    </nav>
  );
}
