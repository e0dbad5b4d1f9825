'use client';

import { Drawer, Modal } from '@mantine/core';
import { useLayoutEffect, useState, type ReactNode } from 'react';

interface OverlayProps {
  title: string;
  /** Called once the overlay has left the screen; the caller then takes it out of the page. */
  onClosed: () => void;
  /** Gets the function that closes it. */
  children: (close: () => void) => ReactNode;
}

/**
 * Opens after it is mounted; when it has closed, it is taken out of the page and focus returns to what opened it, or to
 * the page's content where that is gone. (Mantine's own return of focus is lost when the overlay is unmounted.) Focus moves
 * in the commit that removes the overlay: a key pressed right after Escape must not land on the empty body.
 */
function useOverlay(onClosed: () => void) {
  const [opened, setOpened] = useState(false);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    setOpened(true);
    return () => returnFocus(opener);
  }, []);
  const close = () => setOpened(false);
  return { close, shared: { opened, onClose: close, onExitTransitionEnd: onClosed, returnFocus: false } };
}

function returnFocus(opener: Element | null): void {
  const target =
    opener?.isConnected && opener !== document.body ? opener : document.getElementById('content');
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** Details at the right edge of the page. */
export function SidePanel({ title, onClosed, children }: OverlayProps) {
  const { close, shared } = useOverlay(onClosed);
  return (
    <Drawer
      {...shared}
      position="right"
      size={560}
      title={<strong>{title}</strong>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {children(close)}
    </Drawer>
  );
}

/** A question in the middle of the page. */
export function Question({ title, onClosed, children }: OverlayProps) {
  const { close, shared } = useOverlay(onClosed);
  return (
    <Modal {...shared} title={<strong>{title}</strong>} closeButtonProps={{ 'aria-label': 'Close' }}>
      {children(close)}
    </Modal>
  );
}
