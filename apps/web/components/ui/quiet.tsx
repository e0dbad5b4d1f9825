import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A value that stands back: "never", "none yet". */
export function Quiet({ children }: { children: ReactNode }) {
  return (
    <Text component="span" inherit c="dimmed">
      {children}
    </Text>
  );
}
