'use client';

import styles from './plain.module.css';

/** A page that failed to draw, such as one whose code was replaced by an upgrade while it was open. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <main className={styles.page}>
      <h1>This page could not be shown</h1>
      <p>
        Claviger may have been upgraded while the page was open: reload it. If that does not help, tell an
        operator what you did{error.digest ? ` and this id: ${error.digest}` : ''}.
      </p>
      <button type="button" onClick={() => window.location.reload()}>
        Reload
      </button>{' '}
      <button type="button" onClick={reset}>
        Try again
      </button>
    </main>
  );
}
