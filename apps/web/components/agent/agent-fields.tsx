'use client';

import { NumberInput, Stack, Textarea } from '@mantine/core';
import type { Draft } from './draft';
import styles from './agent.module.css';

interface AgentFieldsProps {
  draft: Draft;
  toolsFaulty: boolean;
  onChange: (change: Partial<Draft>) => void;
}

/** What the node says and, folded away, how far it may go. */
export function AgentFields({ draft, toolsFaulty, onChange }: AgentFieldsProps) {
  return (
    <>
      <Textarea
        label="System"
        description="Who the model is to be"
        autosize
        minRows={2}
        maxRows={8}
        value={draft.system}
        onChange={(event) => onChange({ system: event.currentTarget.value })}
      />
      <Textarea
        label="Prompt"
        autosize
        minRows={5}
        maxRows={14}
        value={draft.prompt}
        onChange={(event) => onChange({ prompt: event.currentTarget.value })}
      />
      <details className={styles.more}>
        <summary>Tools and limits</summary>
        <Stack mt="sm">
          <Textarea
            label="HTTP tools"
            description="A JSON array; each tool has type, name, description, inputSchema, method and url"
            autosize
            minRows={3}
            maxRows={12}
            classNames={{ input: 'mono' }}
            error={toolsFaulty && 'This must be a JSON array'}
            value={draft.tools}
            onChange={(event) => onChange({ tools: event.currentTarget.value })}
          />
          <NumberInput
            label="Output limit"
            description="In tokens; empty: the model’s own"
            min={1}
            max={200_000}
            value={draft.maxOutputTokens}
            onChange={(value) => onChange({ maxOutputTokens: value })}
          />
        </Stack>
      </details>
    </>
  );
}
