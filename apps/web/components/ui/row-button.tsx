import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';

interface RowButtonProps extends ButtonProps {
  /** What it acts on, so that each button of a table has a name of its own. */
  of: string;
  children: string;
  onClick: () => void;
}

/** A small action in a row of a table. */
export function RowButton({ of, children, ...rest }: RowButtonProps) {
  return (
    <Button size="xs" px={10} variant="default" aria-label={`${children} ${of}`} {...rest}>
      {children}
    </Button>
  );
}

/** The actions of a row, side by side. */
export function RowActions({ children }: { children: ReactNode }) {
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 6, justifyContent: 'flex-end' }}>{children}</div>
  );
}
