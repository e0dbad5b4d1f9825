'use client';

import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import type { AiProvider, Assignment, Provider } from '@/lib/api/types';
import styles from './workspaces.module.css';

interface AssignmentItemProps {
  offered: AiProvider;
  provider: Provider | undefined;
  assignment: Assignment | undefined;
  nextPriority: number;
  onChange: (next: Assignment | null) => void;
}

function note({ mask, status }: AiProvider, provider: Provider | undefined): string {
  const parts = [provider?.name ?? '', mask ?? 'no secret'];
  if (status !== 'configured') parts.push(status);
  if (provider && !provider.orgEnabled) parts.push('switched off by its gate');
  return parts.filter(Boolean).join(' · ');
}

/** One key that a workspace may be handed, and how it is to be used there. */
export function AssignmentItem({
  offered,
  provider,
  assignment,
  nextPriority,
  onChange,
}: AssignmentItemProps) {
  return (
    <div className={styles.item}>
      <Checkbox
        label={offered.name}
        description={note(offered, provider)}
        checked={assignment !== undefined}
        onChange={(event) =>
          onChange(
            event.currentTarget.checked
              ? { aiProviderId: offered.id, priority: nextPriority, weight: 1, active: true, models: [] }
              : null,
          )
        }
      />
      {assignment && (
        <details className={styles.more}>
          <summary>
            Priority {assignment.priority ?? 0}
            {assignment.active === false && ', paused'}
            {assignment.models &&
              assignment.models.length > 0 &&
              `, only ${assignment.models.length} of its models`}
          </summary>
          <AssignmentFields
            name={offered.name}
            fallbackModel={offered.defaultModel ?? provider?.defaultModel ?? ''}
            assignment={assignment}
            onChange={onChange}
          />
        </details>
      )}
    </div>
  );
}

interface AssignmentFieldsProps {
  name: string;
  fallbackModel: string;
  assignment: Assignment;
  onChange: (next: Assignment) => void;
}

function AssignmentFields({ name, fallbackModel, assignment, onChange }: AssignmentFieldsProps) {
  const { defaultModel, ...others } = assignment;
  return (
    <div className={styles.details}>
      <NumberInput
        label="Priority"
        aria-label={`Priority of ${name}`}
        min={0}
        max={1000}
        size="xs"
        value={assignment.priority ?? 0}
        onChange={(value) => typeof value === 'number' && onChange({ ...assignment, priority: value })}
      />
      <NumberInput
        label="Weight"
        aria-label={`Weight of ${name}`}
        min={0}
        max={1000}
        size="xs"
        value={assignment.weight ?? 1}
        onChange={(value) => typeof value === 'number' && onChange({ ...assignment, weight: value })}
      />
      <TextInput
        label="Default model"
        aria-label={`Default model of ${name}`}
        size="xs"
        placeholder={fallbackModel}
        value={defaultModel ?? ''}
        onChange={(event) => {
          const model = event.currentTarget.value.trim();
          onChange(model ? { ...others, defaultModel: model } : others);
        }}
      />
      <TextInput
        label="Only these models"
        aria-label={`Only these models of ${name}`}
        size="xs"
        placeholder="all, or a list with commas"
        defaultValue={assignment.models?.join(', ')}
        onBlur={(event) => {
          const models = event.currentTarget.value.split(',').map((model) => model.trim());
          onChange({ ...assignment, models: models.filter(Boolean) });
        }}
      />
      <Checkbox
        label="Active"
        description="Off keeps the key here without using it"
        size="xs"
        checked={assignment.active ?? true}
        onChange={(event) => onChange({ ...assignment, active: event.currentTarget.checked })}
      />
    </div>
  );
}
