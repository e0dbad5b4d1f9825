'use client';

import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import { RUN_WORDS } from './run-words';
import styles from './runs.module.css';

export const RUN_FILTERS = ['status', 'model', 'workflow', 'from', 'to'] as const;
export type RunFilter = Record<(typeof RUN_FILTERS)[number], string>;

interface RunFiltersProps {
  filter: RunFilter;
  models: string[];
  onChange: (change: Partial<RunFilter>) => void;
}

/** Which runs are listed. A typed workflow is looked for as soon as one stops typing. */
export function RunFilters({ filter, models, onChange }: RunFiltersProps) {
  const [workflow, setWorkflow] = useState(filter.workflow);
  const look = useDebouncedCallback((value: string) => onChange({ workflow: value.trim() }), 300);
  const known = filter.model && !models.includes(filter.model) ? [filter.model, ...models] : models;
  return (
    <div className={styles.filters} role="search" aria-label="Filter runs">
      <NativeSelect
        label="Status"
        value={filter.status}
        data={[
          { value: '', label: 'Any status' },
          ...Object.entries(RUN_WORDS).map(([value, label]) => ({ value, label })),
        ]}
        onChange={(event) => onChange({ status: event.currentTarget.value })}
      />
      <NativeSelect
        label="Model"
        value={filter.model}
        data={[{ value: '', label: 'Any model' }, ...known]}
        onChange={(event) => onChange({ model: event.currentTarget.value })}
      />
      <TextInput
        label="Workflow"
        placeholder="Its id"
        autoComplete="off"
        value={workflow}
        onChange={(event) => {
          setWorkflow(event.currentTarget.value);
          look(event.currentTarget.value);
        }}
      />
      <TextInput
        type="date"
        label="From (UTC)"
        value={filter.from}
        onChange={(event) => onChange({ from: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label="To (UTC)"
        value={filter.to}
        onChange={(event) => onChange({ to: event.currentTarget.value })}
      />
    </div>
  );
}
