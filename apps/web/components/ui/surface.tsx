import { Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import styles from './surface.module.css';

/** A sheet of paper with a hairline border; with a title it is a named region. */
export function Surface({
  title,
  aside,
  flush,
  children,
}: {
  title?: string;
  aside?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles.surface} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className={styles.head}>
          <Title order={2} id={id}>
            {title}
          </Title>
          {aside}
        </div>
      )}
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}
