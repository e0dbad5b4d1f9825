import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './empty.module.css';

/**
 * An empty page that teaches: a picture of the result, one sentence, one button.
 * `alone`: nothing else heads the page, so that its title is the page's heading.
 */
export function Empty({
  title,
  alone = false,
  picture,
  action,
  children,
}: {
  title: string;
  alone?: boolean;
  picture?: ReactNode;
  action?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      {picture && (
        <div className={styles.picture} aria-hidden="true">
          {picture}
        </div>
      )}
      <Title order={alone ? 1 : 2} size="h2">
        {title}
      </Title>
      <Text c="dimmed" maw={460}>
        {children}
      </Text>
      {action}
    </div>
  );
}
