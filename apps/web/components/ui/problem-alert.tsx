import { Button, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isProblem } from '@/lib/api/problem';
import styles from './problem-alert.module.css';

const HEADINGS: Record<string, string> = {
  network: 'No connection',
  unauthenticated: 'You are signed out',
  forbidden: 'You may not do this',
  provider_disabled: 'This provider is switched off',
  plan_limit_reached: 'The plan’s limit is reached',
  not_found: 'Nothing here',
  name_taken: 'This name is taken',
  key_in_use: 'This key is in use',
  last_owner: 'The last owner must stay',
  secret_required: 'The key must be entered again',
  no_provider_key: 'No key for this provider',
  model_not_available: 'This model is not available here',
  model_lacks_tools: 'This model has no tools',
  egress_blocked: 'This address is blocked',
  rate_limited: 'Rate-limited',
  too_many_attempts: 'Too many attempts',
  upstream_auth_failed: 'The vendor refused the key',
  upstream_error: 'The vendor answered with an error',
  upstream_timeout: 'The vendor did not answer in time',
  engine_unavailable: 'The engine is not reachable',
  overloaded: 'The server is too busy',
  kms_unavailable: 'The key service is not reachable',
  ai_disabled: 'AI is switched off',
  database_restored: 'An old backup was restored',
};

/** A failure, where it happened: what, why and what to do, and the request id an operator can look up. */
export function ProblemAlert({
  error,
  headings,
  onRetry,
  children,
}: {
  error: unknown;
  /** Headings for codes that mean something more exact on this page. */
  headings?: Record<string, string>;
  onRetry?: () => void;
  children?: ReactNode;
}) {
  const problem = isProblem(error) ? error : null;
  // What the sentence above says already is not said again.
  const news = problem?.body.errors?.filter(({ detail }) => !problem.message.includes(detail));
  const heading = problem
    ? (headings?.[problem.code] ?? HEADINGS[problem.code] ?? problem.body.title)
    : 'Something went wrong in this page';
  return (
    <div className={styles.alert} role="alert">
      <IconAlertTriangle className={styles.icon} size={18} aria-hidden />
      <div className={styles.text}>
        <Text fw={600}>{heading}</Text>
        <Text className="wrap">{problem ? problem.message : 'Reload the page and try again.'}</Text>
        {news?.map((entry) => (
          <Text key={entry.pointer} size="sm" className="wrap">
            <span className="mono">{entry.pointer}</span>: {entry.detail}
          </Text>
        ))}
        {problem?.requestId && (
          <Text size="xs" c="dimmed" className="wrap">
            Request id <span className="mono">{problem.requestId}</span>
          </Text>
        )}
        {children}
        {onRetry && (
          <Button mt="xs" size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
