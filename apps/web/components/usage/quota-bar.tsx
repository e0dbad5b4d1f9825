import type { Quota } from '@/lib/api/types';
import { timestamp } from '@/lib/format';
import { amountWords } from './quota-words';
import styles from './usage.module.css';

/** What is used and held of a quota in the window that is now; the bar says the same as the words. */
export function QuotaBar({ quota }: { quota: Quota }) {
  const { metric, used, reserved, max, resetsAt } = quota;
  const share = Math.min(1, (used + reserved) / Math.max(1, max));
  const state = used + reserved >= max ? 'full' : share >= 0.8 ? 'near' : 'room';
  return (
    <div className={styles.quota}>
      <span className="num">
        {amountWords(metric, used)} of {amountWords(metric, max)}
      </span>
      <div className={styles.bar} data-state={state} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <span className={styles.small}>
        {reserved > 0 && `${amountWords(metric, reserved)} held by calls under way; `}
        until {timestamp(resetsAt)}
      </span>
    </div>
  );
}
