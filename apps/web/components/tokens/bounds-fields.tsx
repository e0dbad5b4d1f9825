import { Collapse, Group, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { boundFaults, RATES, type BoundsDraft } from './token-bounds';

interface BoundsFieldsProps {
  draft: BoundsDraft;
  onChange: (draft: BoundsDraft) => void;
}

/** What a token is held to: how often, how much, with whom. All of it may be left empty. */
export function BoundsFields({ draft, onChange }: BoundsFieldsProps) {
  const [opened, { toggle }] = useDisclosure(false);
  const faults = boundFaults(draft);
  const Sign = opened ? IconChevronDown : IconChevronRight;
  const field = (name: keyof BoundsDraft) => ({
    value: draft[name],
    error: faults[name],
    autoComplete: 'off',
    onChange: (event: { currentTarget: HTMLInputElement }) =>
      onChange({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <Stack gap="xs">
      <UnstyledButton onClick={toggle} aria-expanded={opened}>
        <Group gap={4}>
          <Sign size={16} aria-hidden />
          <Text fw={600}>Limits of its own</Text>
        </Group>
      </UnstyledButton>
      <Collapse expanded={opened}>
        <Stack>
          <Text size="sm" c="dimmed">
            They hold beside those of the workspace, its keys and the organization. An empty field is no
            limit.
          </Text>
          <Group grow align="flex-start">
            {RATES.map(({ name, label }) => (
              <TextInput key={name} label={label} inputMode="numeric" {...field(name)} />
            ))}
          </Group>
          <TextInput
            label="Budget a month, in US dollars"
            description="A call that might exceed it is refused before it is sent"
            inputMode="decimal"
            {...field('budget')}
          />
          <TextInput
            label="Only these providers"
            description="Slugs, with commas between them"
            placeholder="openai, anthropic"
            {...field('providers')}
          />
          <TextInput
            label="Only these models"
            description="Ids, with commas between them; * stands for anything"
            placeholder="gpt-4.1*, claude-*"
            {...field('models')}
          />
        </Stack>
      </Collapse>
    </Stack>
  );
}
