'use client';

import { Button, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Draft } from './draft';
import { NEW_RULE, NEW_STOP, type FaultOf } from './step-draft';
import { StepRuleFields } from './step-rule-fields';
import { StopFields } from './stop-fields';
import { namesOf } from './tool-choice';

/** As many as the engine takes of each. */
const MOST = 20;
/** Where a condition can be at fault: it has one field besides its kind. */
const STOP_POINTERS = ['', '/tool', '/count', '/contains', '/max'];

interface StepFieldsProps {
  draft: Draft;
  faultOf: FaultOf;
  onChange: (change: Partial<Draft>) => void;
}

/** When the run ends before its model is done, and what holds for some of its steps. */
export function StepFields({ draft, faultOf, onChange }: StepFieldsProps) {
  const { stops = [], stepRules = [] } = draft;
  return (
    <Stack mt="sm">
      <Section
        title="Stop conditions"
        purpose="After a step that called tools, the run ends with success as soon as one of these holds."
        add="Add a stop condition"
        onAdd={stops.length < MOST ? () => onChange({ stops: [...stops, NEW_STOP] }) : undefined}
      >
        {stops.map((stop, index) => (
          <StopFields
            key={index}
            stop={stop}
            number={index + 1}
            fault={faultOf(...STOP_POINTERS.map((field) => `/stopWhen/${index}${field}`))}
            onChange={(next) => onChange({ stops: stops.with(index, next) })}
            onRemove={() => onChange({ stops: stops.toSpliced(index, 1) })}
          />
        ))}
      </Section>
      <Section
        title="Rules for steps"
        purpose="The first rule that covers a step holds for it, in place of the node’s own tools and tool choice."
        add="Add a rule"
        onAdd={stepRules.length < MOST ? () => onChange({ stepRules: [...stepRules, NEW_RULE] }) : undefined}
      >
        {stepRules.map((rule, index) => (
          <StepRuleFields
            key={index}
            rule={rule}
            number={index + 1}
            names={namesOf(draft.tools)}
            faultOf={(...fields) => faultOf(...fields.map((field) => `/steps/${index}${field}`))}
            onChange={(next) => onChange({ stepRules: stepRules.with(index, next) })}
            onRemove={() => onChange({ stepRules: stepRules.toSpliced(index, 1) })}
          />
        ))}
      </Section>
    </Stack>
  );
}

interface SectionProps {
  title: string;
  purpose: string;
  add: string;
  /** undefined: there are as many as there may be. */
  onAdd: (() => void) | undefined;
  children: ReactNode;
}

function Section({ title, purpose, add, onAdd, children }: SectionProps) {
  return (
    <div role="group" aria-label={title}>
      <Text fw={500} size="sm">
        {title}
      </Text>
      <Text size="xs" c="dimmed" mb="xs">
        {purpose}
      </Text>
      <Stack gap="xs">
        {children}
        <div>
          <Button size="xs" variant="default" disabled={!onAdd} onClick={onAdd}>
            {add}
          </Button>
        </div>
      </Stack>
    </div>
  );
}
