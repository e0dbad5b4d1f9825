'use client';

import { Alert, Text } from '@mantine/core';
import type { PolicyDryRun } from '@/lib/api/types';
import { ago } from '@/lib/format';

const VERBS = { logged: 'logged', alerted: 'logged and told', blocked: 'refused' } as const;

/** What a policy would have done to the calls of the last days, and of how many of them nobody can say. */
export function DryRunResult({ result }: { result: PolicyDryRun }) {
  const unknown = result.rules.filter(({ notJudged }) => notJudged > 0);
  return (
    <Alert
      color="gray"
      title={`${result.matched} of ${result.runs} runs would have been ${VERBS[result.action]}`}
    >
      <Text size="sm">
        Runs since {ago(result.since)}
        {result.truncated && ', the newest of them only'}.
      </Text>
      {result.notLookedAt > 0 && (
        <Text size="sm">{result.notLookedAt} more runs were left out: you may not read them.</Text>
      )}
      {unknown.map(({ index, notJudged }) => (
        <Text key={index} size="sm">
          Rule {index + 1}: too little is kept of {notJudged} runs to say.
        </Text>
      ))}
      {result.samples.slice(0, 5).map(({ runId, at, detail }) => (
        <Text key={runId} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {ago(at)}: {detail}
        </Text>
      ))}
    </Alert>
  );
}
