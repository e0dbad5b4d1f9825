'use client';

import { Group, NativeSelect, NumberInput, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { Draft } from './draft';
import { Advanced } from './advanced';
import { OutputFields } from './output-fields';
import type { FaultOf } from './step-draft';
import { choicesOf, namesOf } from './tool-choice';
import { ToolList } from './tool-list';
import styles from './agent.module.css';

interface AgentFieldsProps {
  workspaceId: string;
  draft: Draft;
  /** What the engine said of the node as it is now. */
  faultOf: FaultOf;
  onChange: (change: Partial<Draft>) => void;
}

/** What the node says, which form its answer has and, folded away, its tools and how far it may go. */
export function AgentFields({ workspaceId, draft, faultOf, onChange }: AgentFieldsProps) {
  const [startsOpen] = useState(draft.tools.length > 0);
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
      <OutputFields draft={draft} onChange={onChange} />
      <details className={styles.more} open={startsOpen}>
        <summary>Tools and limits</summary>
        <Stack mt="sm">
          <ToolList workspaceId={workspaceId} tools={draft.tools} onChange={(tools) => onChange({ tools })} />
          <ToolChoice draft={draft} onChange={onChange} />
          <Group grow align="flex-start">
            <NumberInput
              label="Steps at most"
              description="Calls of the model; empty: 20"
              min={1}
              max={100}
              value={draft.maxSteps}
              onChange={(value) => onChange({ maxSteps: value })}
            />
            <NumberInput
              label="Output limit"
              description="In tokens; empty: its own"
              min={1}
              max={200_000}
              value={draft.maxOutputTokens}
              onChange={(value) => onChange({ maxOutputTokens: value })}
            />
          </Group>
        </Stack>
      </details>
      <Advanced draft={draft} faultOf={faultOf} onChange={onChange} />
    </>
  );
}

function ToolChoice({ draft, onChange }: Pick<AgentFieldsProps, 'draft' | 'onChange'>) {
  const names = namesOf(draft.tools);
  const isKnown = !draft.toolChoice.startsWith('tool:') || names.includes(draft.toolChoice.slice(5));
  return (
    <NativeSelect
      label="Tool choice"
      disabled={draft.tools.length === 0}
      value={isKnown ? draft.toolChoice : 'auto'}
      data={choicesOf(names)}
      onChange={(event) => onChange({ toolChoice: event.currentTarget.value })}
    />
  );
}
