import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './page-header.module.css';

/** A page's name, one sentence of purpose, and its one primary action on the right. */
export function PageHeader({
  title,
  purpose,
  action,
}: {
  title: string;
  purpose: string;
  action?: ReactNode;
}) {
  return (
    <header className={styles.header}>
      <div>
        <Title order={1}>{title}</Title>
        <Text c="dimmed" maw={640}>
          {purpose}
        </Text>
      </div>
      {action && <div className={styles.action}>{action}</div>}
    </header>
  );
}
