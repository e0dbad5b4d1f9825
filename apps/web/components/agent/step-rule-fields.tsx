'use client';

import { Group, NativeSelect, NumberInput, Stack, Textarea } from '@mantine/core';
import { RowActions, RowButton } from '@/components/ui/row-button';
import { toolChoiceOf, type FaultOf, type StepRuleDraft } from './step-draft';
import { choicesOf } from './tool-choice';
import { linesOf } from './tool-draft';
import styles from './agent.module.css';

interface StepRuleFieldsProps {
  rule: StepRuleDraft;
  /** Which one it is, from 1. */
  number: number;
  /** Of the node's own tools; those of MCP servers are not known here. */
  names: string[];
  faultOf: FaultOf;
  onChange: (rule: StepRuleDraft) => void;
  onRemove: () => void;
}

/** One rule: which steps it covers, and what the model may and must call in them. */
export function StepRuleFields({ rule, number, names, faultOf, onChange, onRemove }: StepRuleFieldsProps) {
  const set = (change: Partial<StepRuleDraft>) => onChange({ ...rule, ...change });
  const { from, to, toolChoice, tools } = rule;
  const listed = linesOf(tools);
  const chosen = toolChoiceOf(toolChoice);
  const kept = typeof chosen === 'object' ? [chosen.tool] : [];
  const choosable = [...new Set([...names, ...listed, ...kept])];
  return (
    <div className={styles.tool} role="group" aria-label={`Rule ${number}`}>
      <Stack gap="xs">
        <Group grow align="flex-start">
          <NumberInput
            label="From step"
            placeholder="1"
            min={1}
            max={100}
            decimalScale={0}
            hideControls
            value={from}
            error={faultOf('/from')}
            onChange={(value) => set({ from: value })}
          />
          <NumberInput
            label="To step"
            placeholder="the last"
            min={1}
            max={100}
            decimalScale={0}
            hideControls
            value={to}
            error={faultOf('/to')}
            onChange={(value) => set({ to: value })}
          />
        </Group>
        <NativeSelect
          label="Choice in these steps"
          value={toolChoice}
          error={faultOf('', '/toolChoice', '/toolChoice/tool')}
          data={[{ value: '', label: 'As the node says' }, ...choicesOf(choosable)]}
          onChange={(event) => set({ toolChoice: event.currentTarget.value })}
        />
        <Textarea
          label="Only these tools"
          description="Names, one a line; empty: all of the node’s"
          autosize
          minRows={1}
          maxRows={6}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={tools}
          error={faultOf('/tools', ...listed.map((_, at) => `/tools/${at}`))}
          onChange={(event) => set({ tools: event.currentTarget.value })}
        />
        <RowActions>
          <RowButton of={`rule ${number}`} onClick={onRemove}>
            Remove
          </RowButton>
        </RowActions>
      </Stack>
    </div>
  );
}
