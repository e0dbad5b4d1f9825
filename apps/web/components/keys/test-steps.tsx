import { Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { KeyTestResult } from '@/lib/api/types';
import { CopyButton } from '@/components/ui/copy-button';
import { Status } from '@/components/ui/status';
import { TEST_WORDS } from './key-status';
import styles from './keys.module.css';

const NAMES: Record<string, string> = { name: 'Name', tls: 'TLS', auth: 'Key', model: 'Model', call: 'Call' };

/** What a test saw on the way to the vendor, step by step; a failed step says what to do next. */
export function TestSteps({ result, running }: { result: KeyTestResult | undefined; running: boolean }) {
  const said = result?.steps.some((step) => step.detail === result.message);
  return (
    <div role="status" aria-live="polite" aria-busy={running}>
      {running && <Text c="dimmed">Calling the vendor over the engine’s own path …</Text>}
      {!running && result && (
        <>
          <Status
            tone={result.ok ? 'good' : 'bad'}
          >{`${TEST_WORDS[result.status]} after ${result.latencyMs} ms`}</Status>
          <ol className={styles.steps}>
            {result.steps.map((step) => (
              <li key={step.name} className={styles.step} data-ok={step.ok}>
                {step.ok ? (
                  <IconCircleCheck size={18} aria-label="passed" />
                ) : (
                  <IconCircleX size={18} aria-label="failed" />
                )}
                <span className={styles.stepName}>{NAMES[step.name] ?? step.name}</span>
                <span className="wrap">{step.detail}</span>
              </li>
            ))}
          </ol>
          {!result.ok && !said && <Text className="wrap">{result.message}</Text>}
          {result.upstreamRequestId && (
            <Text size="xs" c="dimmed" className="wrap">
              Upstream request id <span className="mono">{result.upstreamRequestId}</span>{' '}
              <CopyButton value={result.upstreamRequestId} what="the upstream request id" />
            </Text>
          )}
        </>
      )}
    </div>
  );
}
