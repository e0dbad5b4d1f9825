import { Text } from '@mantine/core';
import type { RunAnswer } from '@/lib/api/types';
import { Quiet } from '@/components/ui/quiet';
import { Status, type Tone } from '@/components/ui/status';
import { duration } from './run-words';
import styles from './runs.module.css';

type Attempt = NonNullable<RunAnswer['served']>['attempts'][number];

const OUTCOMES: Record<Attempt['outcome'], { tone: Tone; words: string }> = {
  ok: { tone: 'good', words: 'Answered' },
  failed: { tone: 'bad', words: 'Failed' },
  skipped: { tone: 'quiet', words: 'Not asked' },
};

interface RunAttemptsProps {
  run: RunAnswer;
  keyName: (id: string) => string | undefined;
}

/** Every try at a provider, in order: with which key, how it ended, and under which id the vendor knows it. */
export function RunAttempts({ run: { served }, keyName }: RunAttemptsProps) {
  const attempts = served?.attempts ?? [];
  if (attempts.length === 0) return <Text c="dimmed">Nothing was sent to a provider.</Text>;
  return (
    <ol className={styles.steps}>
      {attempts.map((attempt, index) => (
        <li key={index}>
          <div className={styles.stepHead}>
            <Text className="mono wrap" fw={600} size="sm">
              {attempt.model ?? 'no target'}
            </Text>
            <Status tone={OUTCOMES[attempt.outcome].tone}>{OUTCOMES[attempt.outcome].words}</Status>
          </div>
          <Facts attempt={attempt} keyName={keyName} />
        </li>
      ))}
    </ol>
  );
}

function Facts({ attempt, keyName }: { attempt: Attempt; keyName: RunAttemptsProps['keyName'] }) {
  const { aiProviderId, provider, code, reason, upstreamRequestId, latencyMs } = attempt;
  return (
    <dl className={styles.facts}>
      <dt>Provider</dt>
      <dd>{provider ?? <Quiet>none</Quiet>}</dd>
      {aiProviderId && (
        <>
          <dt>Key</dt>
          <dd>{keyName(aiProviderId) ?? <span className="mono">{aiProviderId}</span>}</dd>
        </>
      )}
      {(reason ?? code) && (
        <>
          <dt>Why</dt>
          <dd>{[reason?.replaceAll('_', ' '), code].filter(Boolean).join(', ')}</dd>
        </>
      )}
      {upstreamRequestId && (
        <>
          <dt>Vendor’s request</dt>
          <dd className="mono">{upstreamRequestId}</dd>
        </>
      )}
      <dt>Took</dt>
      <dd>{duration(latencyMs)}</dd>
    </dl>
  );
}
