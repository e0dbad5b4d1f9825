import { Text } from '@mantine/core';
import { Status } from '@/components/ui/status';
import styles from './runs.module.css';

export interface ShownCall {
  toolCallId: string;
  name: string;
  input: unknown;
  output?: unknown;
  error?: string | null;
  /** Of a tool that asks somebody first. */
  approval?: { status: 'pending' | 'approved' | 'rejected' };
}

/** A tool that the model asked for, with what it was given and what it gave. */
export function ToolCall({ call: { name, input, output, error, approval } }: { call: ShownCall }) {
  const isRejected = approval?.status === 'rejected';
  const isOpen = (output === null || output === undefined) && !error;
  return (
    <div>
      <div className={styles.stepHead}>
        <Text className="mono wrap" fw={600} size="sm">
          {name}
        </Text>
        <Status tone={isRejected ? 'quiet' : error ? 'bad' : isOpen ? 'warn' : 'good'}>
          {isRejected ? 'Rejected' : error ? 'Failed' : isOpen ? 'Called' : 'Answered'}
        </Status>
      </div>
      <span className={styles.small}>Was given</span>
      <div className={styles.text}>
        <span className="mono">{shown(input)}</span>
      </div>
      {!isOpen && (
        <>
          <span className={styles.small}>
            {isRejected ? 'The model was told' : error ? 'Failed with' : 'Gave'}
          </span>
          <div className={styles.text}>
            <span className="mono">{error || shown(output)}</span>
          </div>
        </>
      )}
    </div>
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 1) ?? '');
}
