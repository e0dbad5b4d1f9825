'use client';

import { Group, NativeSelect, NumberInput, Text, Textarea } from '@mantine/core';
import type { OutputType } from '@/lib/api/types';
import { outputProblem, type Draft } from './draft';

const TYPES: Record<OutputType, string> = {
  text: 'Text',
  json: 'JSON by a schema',
  score: 'A score',
  category: 'One of some categories',
  boolean: 'Yes or no',
};

function isType(value: string): value is OutputType {
  return value in TYPES;
}

interface OutputFieldsProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
}

/** The form that the answer is to have. */
export function OutputFields({ draft, onChange }: OutputFieldsProps) {
  const problem = outputProblem(draft);
  return (
    <>
      <NativeSelect
        label="Output"
        value={draft.outputType}
        data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))}
        onChange={({ currentTarget: { value } }) => isType(value) && onChange({ outputType: value })}
      />
      {draft.outputType === 'json' && (
        <Textarea
          label="Schema of the answer"
          description="JSON Schema; the answer is held to it"
          autosize
          minRows={4}
          maxRows={14}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={draft.outputSchema}
          error={problem}
          onChange={(event) => onChange({ outputSchema: event.currentTarget.value })}
        />
      )}
      {draft.outputType === 'score' && (
        <>
          <Group grow>
            <NumberInput
              label="Lowest"
              value={draft.lowest}
              onChange={(value) => onChange({ lowest: value })}
            />
            <NumberInput
              label="Highest"
              value={draft.highest}
              onChange={(value) => onChange({ highest: value })}
            />
          </Group>
          {problem && (
            <Text size="xs" c="var(--mantine-color-error)" role="alert">
              {problem}
            </Text>
          )}
        </>
      )}
      {draft.outputType === 'category' && (
        <Textarea
          label="Categories, one a line"
          autosize
          minRows={3}
          maxRows={10}
          value={draft.categories}
          error={problem}
          onChange={(event) => onChange({ categories: event.currentTarget.value })}
        />
      )}
    </>
  );
}
