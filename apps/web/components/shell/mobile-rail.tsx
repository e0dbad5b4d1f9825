'use client';

import { Drawer } from '@mantine/core';
import type { Session } from '@/lib/api/types';
import { Rail } from './rail';
import styles from './app-frame.module.css';

/** The rail on a narrow screen: over the page, until something was chosen. */
export function MobileRail({
  session,
  opened,
  onClose,
}: {
  session: Session;
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      size={264}
      padding={0}
      title="Navigation"
      withCloseButton={false}
      classNames={{ header: styles.hiddenHeader, body: styles.drawerBody }}
    >
      <Rail session={session} onNavigate={onClose} />
    </Drawer>
  );
}
