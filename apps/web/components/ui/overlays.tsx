'use client';

import { Drawer, Modal } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';

interface OverlayProps {
  title: string;
  /** Called once the overlay has left the screen; the caller then takes it out of the page. */
  onClosed: () => void;
  /** Gets the function that closes it. */
  children: (close: () => void) => ReactNode;
}

/**
 * Opens after it is mounted; when it has closed, it is taken out of the page and focus returns to what opened it, or to
 * the page's content where that is gone. (Mantine's own return of focus is lost when the overlay is unmounted.)
 */
function useOverlay(onClosed: () => void) {
  const [opened, setOpened] = useState(false);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    opener.current = document.activeElement;
    setOpened(true);
  }, []);
  const close = () => setOpened(false);
  const onExitTransitionEnd = () => {
    const back = opener.current;
    onClosed();
    setTimeout(() => {
      const target = back?.isConnected && back !== document.body ? back : document.getElementById('content');
      if (target instanceof HTMLElement) target.focus({ preventScroll: true });
    });
  };
  return { close, shared: { opened, onClose: close, onExitTransitionEnd, returnFocus: false } };
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
