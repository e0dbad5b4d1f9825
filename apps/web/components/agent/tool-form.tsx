'use client';

import { Button, Checkbox, Group, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AgentTool, AssignedMcpServer } from '@/lib/api/types';
import { faultsOf, KIND_WORDS, METHODS, toolOf, type ToolDraft } from './tool-draft';
import { McpToolFields } from './mcp-tool-fields';
import styles from './agent.module.css';

interface ToolFormProps {
  start: ToolDraft;
  /** Names of the node's other tools. */
  taken: string[];
  servers: AssignedMcpServer[];
  onSave: (tool: AgentTool) => void;
  onCancel: () => void;
}

/** One tool, written in place. What is wrong is said when one tries to keep it, and from then on as one types. */
export function ToolForm({ start, taken, servers, onSave, onCancel }: ToolFormProps) {
  const [draft, setDraft] = useState(start);
  const [tried, setTried] = useState(false);
  const set = (change: Partial<ToolDraft>) => setDraft((before) => ({ ...before, ...change }));
  const found = faultsOf(draft, taken);
  const faults = tried ? found : {};
  const keep = () => {
    setTried(true);
    if (Object.keys(found).length === 0) onSave(toolOf(draft));
  };
  const isNamed = draft.type !== 'mcp';
  return (
    <div className={styles.tool} role="group" aria-label={`${KIND_WORDS[draft.type]} tool`}>
      <Stack gap="sm">
        {isNamed && (
          <>
            <TextInput
              autoFocus
              label="Tool name"
              autoComplete="off"
              classNames={{ input: 'mono' }}
              value={draft.name}
              error={faults.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <TextInput
              label="What it is for"
              autoComplete="off"
              value={draft.description}
              error={faults.description}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
          </>
        )}
        {draft.type === 'http' && <HttpFields draft={draft} faults={faults} onChange={set} />}
        {draft.type === 'mcp' && (
          <McpToolFields draft={draft} fault={faults.serverId} servers={servers} onChange={set} />
        )}
        {isNamed && (
          <Textarea
            label="Input, as JSON Schema"
            autosize
            minRows={3}
            maxRows={12}
            spellCheck={false}
            classNames={{ input: 'mono' }}
            value={draft.inputSchema}
            error={faults.inputSchema}
            onChange={(event) => set({ inputSchema: event.currentTarget.value })}
          />
        )}
        {draft.type === 'client' && (
          <Text size="xs" c="dimmed">
            The run waits until you bring what this tool gave: in Try it by hand, in a workflow by its engine.
          </Text>
        )}
        <Checkbox
          label="Ask somebody before each call"
          checked={draft.needsApproval}
          onChange={(event) => set({ needsApproval: event.currentTarget.checked })}
        />
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button size="xs" onClick={keep}>
            Keep the tool
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

interface HttpFieldsProps {
  draft: ToolDraft;
  faults: Partial<Record<keyof ToolDraft, string>>;
  onChange: (change: Partial<ToolDraft>) => void;
}

function HttpFields({ draft, faults, onChange }: HttpFieldsProps) {
  return (
    <>
      <div className={styles.request}>
        <NativeSelect
          label="Method"
          value={draft.method}
          data={[...METHODS]}
          onChange={(event) => {
            const method = METHODS.find((known) => known === event.currentTarget.value);
            if (method) onChange({ method });
          }}
        />
        <TextInput
          label="URL"
          placeholder="https://api.example.com/v1/{id}"
          autoComplete="off"
          classNames={{ input: 'mono' }}
          value={draft.url}
          error={faults.url}
          onChange={(event) => onChange({ url: event.currentTarget.value })}
        />
      </div>
      <Textarea
        label="Headers"
        description="One a line, as Name: value. A secret is named, never written: {{secret:name}}"
        autosize
        minRows={1}
        maxRows={6}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: 'mono' }}
        value={draft.headers}
        error={faults.headers}
        onChange={(event) => onChange({ headers: event.currentTarget.value })}
      />
    </>
  );
}
