'use client';

import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ToolOutput } from '@/lib/api/types';
import { ToolCall, type ShownCall } from '@/components/runs/tool-call';

interface PausedCallsProps {
  calls: ShownCall[];
  onResume: (outputs: ToolOutput[]) => void;
}

/** What was typed as the JSON that it is, else as text. */
function valueOf(typed: string): ToolOutput['output'] {
  try {
    const value = JSON.parse(typed) as ToolOutput['output'] | null;
    return value ?? typed;
  } catch {
    return typed;
  }
}

/** The run waits for these tools of its caller: here one enters by hand what they gave. */
export function PausedCalls({ calls, onResume }: PausedCallsProps) {
  const [typed, setTyped] = useState<Record<string, string>>({});
  const isComplete = calls.every(({ toolCallId }) => (typed[toolCallId] ?? '').trim() !== '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onResume(calls.map(({ toolCallId }) => ({ toolCallId, output: valueOf(typed[toolCallId] ?? '') })));
      }}
    >
      <Stack gap="sm" mt="md">
        <Text fw={600} role="status">
          The run waits for you: say what {calls.length === 1 ? 'this tool gives' : 'these tools give'}.
        </Text>
        {calls.map((call) => (
          <div key={call.toolCallId}>
            <ToolCall call={call} />
            <Textarea
              mt="xs"
              label={`Output of ${call.name}`}
              description="JSON, or plain text"
              autosize
              minRows={2}
              maxRows={10}
              spellCheck={false}
              classNames={{ input: 'mono' }}
              value={typed[call.toolCallId] ?? ''}
              onChange={({ currentTarget: { value } }) =>
                setTyped((before) => ({ ...before, [call.toolCallId]: value }))
              }
            />
          </div>
        ))}
        <Group justify="flex-end">
          <Button type="submit" disabled={!isComplete}>
            Go on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
