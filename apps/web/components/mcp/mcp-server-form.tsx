'use client';

import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { createMcpServer, updateMcpServer } from '@/lib/api/mcp-servers';
import type { McpServer, McpServerChange } from '@/lib/api/types';
import { queryKeys, useChange } from '@/lib/hooks/queries';
import { SecretInput } from '@/components/keys/secret-input';
import { useAnnounce } from '@/components/ui/announcer';
import { ProblemAlert } from '@/components/ui/problem-alert';
import { McpApprovalFields } from './mcp-approval-fields';

interface McpServerFormProps {
  server: McpServer | null;
  onSaved: (server: McpServer) => void;
  onCancel: () => void;
}

/** Name, address, what its Authorization header carries and whose word its calls need; a kept secret is never shown again. */
export function McpServerForm({ server, onSaved, onCancel }: McpServerFormProps) {
  const announce = useAnnounce();
  const [name, setName] = useState(server?.name ?? '');
  const [url, setUrl] = useState(server?.url ?? '');
  const [secret, setSecret] = useState('');
  const [clears, setClears] = useState(false);
  const [approval, setApproval] = useState(server?.approval ?? 'none');
  const [approvers, setApprovers] = useState(server?.approvers ?? 'anyone');
  const save = useChange(
    () => {
      const base = { name: name.trim(), url: url.trim(), approval, approvers, ...(secret && { secret }) };
      const change: McpServerChange = clears ? { ...base, clear: ['secret'] } : base;
      return server ? updateMcpServer(server, change) : createMcpServer(base);
    },
    [queryKeys.mcpServers, queryKeys.plan, queryKeys.allMcpAssignments],
    (saved) => {
      announce(`${saved.name} is saved`);
      onSaved(saved);
    },
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <Stack>
        <TextInput
          data-autofocus
          label="Name"
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="URL"
          description="Where it speaks streamable HTTP"
          placeholder="https://mcp.example.com/mcp"
          type="url"
          autoComplete="off"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <SecretInput
          label="Authorization"
          description={
            server?.hasValue
              ? `Kept unless replaced (${server.mask ?? 'set'}). Another host needs it again.`
              : 'A bearer token, or with its scheme, as in “Basic …”. Sealed on arrival; empty where it asks for none.'
          }
          disabled={clears}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
        {server?.hasValue && (
          <Checkbox
            label="Remove what is kept"
            checked={clears}
            onChange={(event) => {
              setClears(event.currentTarget.checked);
              setSecret('');
            }}
          />
        )}
        <McpApprovalFields
          approval={approval}
          approvers={approvers}
          onChange={(change) => {
            if (change.approval) setApproval(change.approval);
            if (change.approvers) setApprovers(change.approvers);
          }}
        />
        {save.error && <ProblemAlert error={save.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" disabled={!name.trim() || !url.trim()} loading={save.isPending}>
            {server ? 'Save' : 'Save and hand to workspaces'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
