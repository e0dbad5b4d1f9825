import { CopyButton } from './copy-button';
import styles from './code-block.module.css';

/** A block of text to copy, wrapped rather than scrolled. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className={styles.block}>
      <pre className={styles.code}>{code}</pre>
      <CopyButton value={code} what={what} />
    </div>
  );
}
