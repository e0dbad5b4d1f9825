'use client';

import { useHotkeys } from '@mantine/hooks';
import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import type { Session } from '@/lib/api/types';

const Palette = dynamic(() => import('./palette').then((module) => module.Palette), { ssr: false });

const OPEN_EVENT = 'claviger:palette';

/** Opens the palette from anywhere, e.g. the rail's search field. */
export function openPalette(): void {
  window.dispatchEvent(new Event(OPEN_EVENT));
}

/** Loads the palette's code only when it is first asked for. */
export function CommandPalette({ session }: { session: Session }) {
  const [asked, setAsked] = useState(0);
  useHotkeys([['mod+K', () => openPalette()]], []);
  useEffect(() => {
    const open = () => setAsked((times) => times + 1);
    window.addEventListener(OPEN_EVENT, open);
    return () => window.removeEventListener(OPEN_EVENT, open);
  }, []);
  return asked === 0 ? null : <Palette session={session} asked={asked} />;
}
