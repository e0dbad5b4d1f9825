'use client';

import { Button, Checkbox, Fieldset, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { ContentFields } from './content-fields';
import type { RuleDraft } from './policy-draft';
import { DAY_NAMES, RULE_TYPES, ruleWords } from './rule-words';

const HINTS: Partial<Record<RuleDraft['type'], string>> = {
  models: 'One per line; * and ? stand for anything: claude-*, openai/gpt-4.?',
  providers: 'One per line, as in the catalogue: openai',
  surfaces: 'One per line: chat',
  tools: 'Names, one per line; * and ? stand for anything: read_*',
};

interface RuleFieldsProps {
  rule: RuleDraft;
  number: number;
  onChange: (rule: RuleDraft) => void;
  onRemove: (() => void) | undefined;
}

/** One rule of a policy, with the fields of its kind. */
export function RuleFields({ rule, number, onChange, onRemove }: RuleFieldsProps) {
  const label = RULE_TYPES.find(({ type }) => type === rule.type)?.label ?? rule.type;
  const set = (change: Partial<RuleDraft>) => onChange({ ...rule, ...change });
  return (
    <Fieldset legend={`${number}. ${label}`}>
      <Stack gap="sm">
        {rule.kept ? <Text size="sm">{ruleWords(rule.kept)}</Text> : <Fields rule={rule} set={set} />}
        {onRemove && (
          <Group justify="flex-end">
            <Button size="xs" variant="default" aria-label={`Remove rule ${number}`} onClick={onRemove}>
              Remove
            </Button>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

function Fields({ rule, set }: { rule: RuleDraft; set: (change: Partial<RuleDraft>) => void }) {
  if (rule.type === 'max_output_tokens')
    return (
      <TextInput
        label="At most"
        description="For one call to a model; an agent that names no limit is given this one"
        inputMode="numeric"
        value={rule.max}
        onChange={(event) => set({ max: event.currentTarget.value })}
      />
    );
  if (rule.type === 'time_window') return <TimeFields rule={rule} set={set} />;
  if (['pii', 'pattern', 'judge', 'retention'].includes(rule.type))
    return <ContentFields rule={rule} set={set} />;
  return (
    <>
      <Textarea
        label="Only these"
        description={`${HINTS[rule.type]}. Empty: all`}
        autosize
        minRows={2}
        value={rule.allow}
        onChange={(event) => set({ allow: event.currentTarget.value })}
      />
      <Textarea
        label="Never these"
        description="Stronger than the list above"
        autosize
        minRows={2}
        value={rule.deny}
        onChange={(event) => set({ deny: event.currentTarget.value })}
      />
      {rule.type === 'tools' && (
        <Checkbox.Group
          label="Only tools of these kinds"
          description="None ticked: all"
          value={rule.kinds}
          onChange={(kinds) => set({ kinds })}
        >
          <Group mt={6}>
            <Checkbox value="http" label="http" />
            <Checkbox value="mcp" label="mcp" />
            <Checkbox value="client" label="client" />
          </Group>
        </Checkbox.Group>
      )}
    </>
  );
}

function TimeFields({ rule, set }: { rule: RuleDraft; set: (change: Partial<RuleDraft>) => void }) {
  return (
    <>
      <Checkbox.Group
        label="Calls are fine on"
        value={rule.days.map(String)}
        onChange={(days) => set({ days: days.map(Number).sort() })}
      >
        <Group mt={6}>
          {DAY_NAMES.map((name, day) => (
            <Checkbox key={name} value={String(day)} label={name} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group grow>
        <TextInput
          label="From"
          type="time"
          value={rule.from}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          label="Until"
          type="time"
          value={rule.to}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
      </Group>
      <TextInput
        label="By the clocks of"
        description="Not later than From: until that time of the next day"
        value={rule.timeZone}
        onChange={(event) => set({ timeZone: event.currentTarget.value })}
      />
    </>
  );
}
