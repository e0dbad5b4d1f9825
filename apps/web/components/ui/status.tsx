import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleOff,
  type Icon,
} from '@tabler/icons-react';
import styles from './status.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

const ICONS: Record<Tone, Icon> = {
  good: IconCircleCheck,
  warn: IconCircleDashed,
  bad: IconAlertTriangle,
  quiet: IconCircleOff,
};

/** A status in words, with a shape and a colour that say the same. */
export function Status({ tone, icon, children }: { tone: Tone; icon?: Icon; children: string }) {
  const Shape = icon ?? ICONS[tone];
  return (
    <span className={styles.status} data-tone={tone}>
      <Shape size={15} aria-hidden />
      {children}
    </span>
  );
}
