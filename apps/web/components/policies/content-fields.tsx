'use client';

import { Checkbox, NativeSelect, SimpleGrid, Textarea, TextInput } from '@mantine/core';
import { useKeys } from '@/lib/hooks/queries';
import type { RuleDraft } from './policy-draft';
import { ACTION_CHOICES, PII_LABELS, RETENTION_LABELS, SIDE_LABELS } from './rule-words';

interface ContentFieldsProps {
  rule: RuleDraft;
  set: (change: Partial<RuleDraft>) => void;
}

/** The fields of a rule that reads what is said, or says how much of it is kept. */
export function ContentFields({ rule, set }: ContentFieldsProps) {
  switch (rule.type) {
    case 'pii':
      return (
        <>
          <Checkbox.Group
            label="Look for"
            description="None ticked: all of them"
            value={rule.kinds}
            onChange={(kinds) => set({ kinds })}
          >
            <SimpleGrid cols={2} spacing="xs" mt={6}>
              {Object.entries(PII_LABELS).map(([kind, label]) => (
                <Checkbox key={kind} value={kind} label={label} />
              ))}
            </SimpleGrid>
          </Checkbox.Group>
          <SideField rule={rule} set={set} />
          <ActionField rule={rule} set={set} />
        </>
      );
    case 'pattern':
      return (
        <>
          <TextInput
            label="Pattern"
            description="A regular expression (RE2: no lookaround, no backreferences)"
            className="mono"
            autoComplete="off"
            value={rule.pattern}
            onChange={(event) => set({ pattern: event.currentTarget.value })}
          />
          <SideField rule={rule} set={set} />
          <ActionField rule={rule} set={set} />
        </>
      );
    case 'judge':
      return <JudgeFields rule={rule} set={set} />;
    default:
      return (
        <NativeSelect
          label="Of a run, keep"
          description="Of several policies the strictest holds; a replay of what is not kept has no text"
          value={rule.content}
          onChange={(event) => set({ content: event.currentTarget.value as RuleDraft['content'] })}
        >
          {Object.entries(RETENTION_LABELS).map(([level, label]) => (
            <option key={level} value={level}>
              {label}
            </option>
          ))}
        </NativeSelect>
      );
  }
}

function JudgeFields({ rule, set }: ContentFieldsProps) {
  const keys = useKeys();
  return (
    <>
      <Textarea
        label="The rule in words"
        description="A model judges by it; when it does not answer, a policy that refuses refuses"
        autosize
        minRows={3}
        value={rule.instruction}
        onChange={(event) => set({ instruction: event.currentTarget.value })}
      />
      <NativeSelect
        label="Judged with the key"
        description="Its use is this policy’s own; what is judged is sent there"
        value={rule.aiProviderId}
        onChange={(event) => set({ aiProviderId: event.currentTarget.value })}
      >
        <option value="" disabled>
          choose
        </option>
        {keys.data?.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </NativeSelect>
      <TextInput
        label="And the model"
        autoComplete="off"
        value={rule.model}
        onChange={(event) => set({ model: event.currentTarget.value })}
      />
      <SideField rule={rule} set={set} />
    </>
  );
}

function SideField({ rule, set }: ContentFieldsProps) {
  return (
    <NativeSelect
      label="In"
      description={
        rule.type === 'judge' ? 'A policy that refuses holds a streamed answer to its end' : undefined
      }
      value={rule.on}
      onChange={(event) => set({ on: event.currentTarget.value as RuleDraft['on'] })}
    >
      {Object.entries(SIDE_LABELS).map(([side, label]) => (
        <option key={side} value={side}>
          {label}
        </option>
      ))}
    </NativeSelect>
  );
}

function ActionField({ rule, set }: ContentFieldsProps) {
  return (
    <NativeSelect
      label="What is found is"
      value={rule.action}
      onChange={(event) => set({ action: event.currentTarget.value as RuleDraft['action'] })}
    >
      {Object.entries(ACTION_CHOICES).map(([action, label]) => (
        <option key={action} value={action}>
          {label}
        </option>
      ))}
    </NativeSelect>
  );
}
