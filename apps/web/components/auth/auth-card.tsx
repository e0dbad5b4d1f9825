import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Mark } from '@/components/ui/mark';
import styles from './auth-card.module.css';

/** The sheet that signing in, signing up and joining share. */
export function AuthCard({
  title,
  purpose,
  children,
  footer,
}: {
  title: string;
  purpose: string;
  children: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <main className={styles.page}>
      <div className={styles.brand}>
        <Mark size={34} />
        <span>Claviger</span>
      </div>
      <div className={styles.card}>
        <Title order={1}>{title}</Title>
        <Text c="dimmed" mb="lg">
          {purpose}
        </Text>
        {children}
      </div>
      {footer && <Text size="sm">{footer}</Text>}
    </main>
  );
}
