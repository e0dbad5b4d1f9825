'use client';

import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { RowButton } from '@/components/ui/row-button';
import { isStopKind, STOP_KINDS, type StopDraft } from './step-draft';
import styles from './agent.module.css';

const KINDS = Object.entries(STOP_KINDS).map(([value, { words }]) => ({ value, label: words }));

interface StopFieldsProps {
  stop: StopDraft;
  /** Which one it is, from 1. */
  number: number;
  fault: string | undefined;
  onChange: (stop: StopDraft) => void;
  onRemove: () => void;
}

/** One condition to stop: its kind, and what must be reached. */
export function StopFields({ stop, number, fault, onChange, onRemove }: StopFieldsProps) {
  const { type, value } = stop;
  const { label } = STOP_KINDS[type];
  const isText = type === 'toolCall' || type === 'text';
  return (
    <div className={styles.stop} role="group" aria-label={`Stop condition ${number}`}>
      <NativeSelect
        label="Stop when"
        value={type}
        data={KINDS}
        onChange={({ currentTarget: { value: kind } }) => {
          if (isStopKind(kind)) onChange({ type: kind, value: '' });
        }}
      />
      {isText ? (
        <TextInput
          label={label}
          autoComplete="off"
          classNames={type === 'toolCall' ? { input: 'mono' } : undefined}
          value={value}
          error={fault}
          onChange={(event) => onChange({ type, value: event.currentTarget.value })}
        />
      ) : (
        <NumberInput
          label={label}
          min={type === 'costMicroUsd' ? 0 : 1}
          max={type === 'steps' ? 100 : undefined}
          decimalScale={type === 'costMicroUsd' ? 6 : 0}
          hideControls
          value={value}
          error={fault}
          onChange={(next) => onChange({ type, value: next })}
        />
      )}
      <RowButton of={`stop condition ${number}`} onClick={onRemove}>
        Remove
      </RowButton>
    </div>
  );
}
