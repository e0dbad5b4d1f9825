import styles from './step-bar.module.css';

/** Where one is in a short sequence. */
export function StepBar({ steps, current }: { steps: readonly string[]; current: number }) {
  return (
    <ol className={styles.bar} aria-label="Steps">
      {steps.map((step, index) => (
        <li
          key={step}
          className={styles.step}
          aria-current={index === current ? 'step' : undefined}
          data-done={index < current}
        >
          <span className={styles.number}>{index + 1}</span>
          {step}
        </li>
      ))}
    </ol>
  );
}
