import { count } from '@/lib/format';
import styles from './usage.module.css';

/** A limit and how much of it is used; the bar says the same as the words. */
export function LimitBar({
  label,
  used,
  max,
  whatToDo,
}: {
  label: string;
  used: number;
  max: number | null;
  whatToDo?: string | null;
}) {
  const share = max === null ? 0 : Math.min(1, used / Math.max(1, max));
  const state = max !== null && used >= max ? 'full' : share >= 0.8 ? 'near' : 'room';
  return (
    <div>
      <div className={styles.line}>
        <span>{label}</span>
        <span className="num">
          {max === null ? `${count(used)}, no limit` : `${count(used)} of ${count(max)}`}
        </span>
      </div>
      <div className={styles.bar} data-state={state} data-unlimited={max === null} aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      {state === 'full' && (
        <span className={styles.full}>{whatToDo ?? 'The limit is reached: the next one is refused.'}</span>
      )}
    </div>
  );
}
