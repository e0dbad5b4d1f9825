import { Skeleton, Stack } from '@mantine/core';
import styles from './app-frame.module.css';

/** What the frame looks like before it is known who is looking. */
export function FrameSkeleton() {
  return (
    <div className={styles.frame} aria-busy="true">
      <div className={styles.rail}>
        <Stack p="md" gap="md">
          <Skeleton height={28} width="70%" />
          <Skeleton height={14} width="50%" mt="md" />
          <Skeleton height={14} width="60%" />
          <Skeleton height={14} width="40%" />
        </Stack>
      </div>
      <main className={styles.main}>
        <div className={styles.page}>
          <Skeleton height={26} width={220} />
          <Skeleton height={14} width="min(420px, 90%)" mt="md" />
          <Skeleton height={240} mt="xl" />
        </div>
      </main>
    </div>
  );
}
