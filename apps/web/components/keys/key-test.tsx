'use client';

import { Button, Group, Stack, Text } from '@mantine/core';
import { testKey } from '@/lib/api/keys';
import type { AiProvider } from '@/lib/api/types';
import { ago } from '@/lib/format';
import { KEY_STALE, useChange } from '@/lib/hooks/queries';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { TEST_WORDS } from './key-status';
import { TestSteps } from './test-steps';

/** Runs a one-token call with the key and shows each step of the way. */
export function KeyTest({ tested }: { tested: AiProvider }) {
  const test = useChange(testKey, KEY_STALE);
  return (
    <Stack>
      <Text>A call of one token, over the same path as every run. The key is opened by the engine only.</Text>
      {tested.lastTestStatus && !test.data && !test.isPending && (
        <Text c="dimmed" className="wrap">
          Last test: {TEST_WORDS[tested.lastTestStatus]} {ago(tested.lastTestedAt)}. {tested.lastTestMessage}
        </Text>
      )}
      <TestSteps result={test.data} running={test.isPending} />
      {test.error && <ProblemAlert error={test.error} />}
      <Group>
        <Button loading={test.isPending} onClick={() => test.mutate(tested.id)}>
          {test.data ? 'Test again' : 'Test now'}
        </Button>
      </Group>
    </Stack>
  );
}
