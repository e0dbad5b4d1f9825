'use client';

import { IconCheck, IconX } from '@tabler/icons-react';
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from 'react';
import styles from './announcer.module.css';

type Announce = (message: string) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** Says that something was done: shown for six seconds and read out politely. Failures stay where they happened instead. */
export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}

export function Announcer({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState<{ text: string; at: number } | null>(null);
  const announce = useCallback((text: string) => setMessage({ text, at: performance.now() }), []);
  useEffect(() => {
    if (!message) return undefined;
    const timer = setTimeout(() => setMessage(null), 6_000);
    return () => clearTimeout(timer);
  }, [message]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className={styles.region} role="status" aria-live="polite">
        {message && (
          <div key={message.at} className={styles.note}>
            <IconCheck size={16} aria-hidden color="var(--cv-good)" />
            <span>{message.text}</span>
            <button
              type="button"
              className={styles.close}
              aria-label="Dismiss"
              onClick={() => setMessage(null)}
            >
              <IconX size={16} aria-hidden />
            </button>
          </div>
        )}
      </div>
    </AnnounceContext>
  );
}
