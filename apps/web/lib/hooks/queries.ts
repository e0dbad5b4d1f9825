'use client';

import { useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { getPlan } from '@/lib/api/account';
import { listKeys, listProviders } from '@/lib/api/keys';
import { listAssignments, listModels, listWorkspaces } from '@/lib/api/workspaces';

/** Names of what is cached; a change names what it makes stale. */
export const queryKeys = {
  keys: ['keys'],
  providers: ['providers'],
  plan: ['plan'],
  workspaces: ['workspaces'],
  assignments: (workspaceId: string) => ['assignments', workspaceId],
  allAssignments: ['assignments'],
  runs: (workspaceId: string, query: object) => ['runs', workspaceId, query],
  run: (workspaceId: string, id: string) => ['run', workspaceId, id],
  allRuns: ['runs'],
  mcpServers: ['mcp-servers'],
  mcpAssignments: (workspaceId: string) => ['mcp-assignments', workspaceId],
  allMcpAssignments: ['mcp-assignments'],
  webhooks: ['webhooks'],
  deliveries: (webhookId: string) => ['deliveries', webhookId],
  models: (workspaceId: string) => ['models', workspaceId],
  allModels: ['models'],
  members: ['members'],
  invites: ['invites'],
  tokens: ['tokens'],
  policies: ['policies'],
  policy: (id: string) => ['policies', id],
  violations: ['violations'],
  audit: ['audit'],
  notices: ['notices'],
  quotas: ['quotas'],
  prices: ['prices'],
  modelAliases: ['model-aliases'],
  installation: ['installation'],
  orgDeletion: ['org-deletion'],
  killSwitch: ['kill-switch'],
} as const;

export function useKeys() {
  return useQuery({ queryKey: queryKeys.keys, queryFn: listKeys });
}

export function useProviders() {
  return useQuery({ queryKey: queryKeys.providers, queryFn: listProviders });
}

export function usePlan() {
  return useQuery({ queryKey: queryKeys.plan, queryFn: getPlan });
}

export function useWorkspaces() {
  return useQuery({ queryKey: queryKeys.workspaces, queryFn: listWorkspaces });
}

export function useAssignments(workspaceId: string) {
  return useQuery({
    queryKey: queryKeys.assignments(workspaceId),
    queryFn: () => listAssignments(workspaceId),
  });
}

export function useModels(workspaceId: string | undefined) {
  return useQuery({
    queryKey: queryKeys.models(workspaceId ?? ''),
    queryFn: () => listModels(workspaceId ?? ''),
    enabled: workspaceId !== undefined,
  });
}

/**
 * A change of the server's state that then refreshes what it touched. It is pending until that is read again, so that a
 * control may show `variables` for as long and never flickers back.
 */
export function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  stale: readonly QueryKey[],
  done?: (output: Output, input: Input) => void,
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (output, input) => {
      done?.(output, input);
      return Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
}

/** What every change of a key may alter elsewhere. */
export const KEY_STALE: readonly QueryKey[] = [
  queryKeys.keys,
  queryKeys.providers,
  queryKeys.plan,
  queryKeys.allModels,
  queryKeys.allAssignments,
  queryKeys.notices,
];
