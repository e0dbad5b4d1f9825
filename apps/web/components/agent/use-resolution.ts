'use client';

import { useQuery } from '@tanstack/react-query';
import type { Agent } from '@/lib/api/runs';
import { resolveModel } from '@/lib/api/workspaces';

/** Which key would serve the node, and what each gate says; nothing is decrypted for it. */
export function useResolution(workspaceId: string, agent: Agent | null, enabled: boolean) {
  const request = {
    ...(agent?.model ? { model: agent.model } : {}),
    ...(agent?.provider ? { provider: agent.provider } : {}),
    ...(agent?.tools ? { needs: ['tools' as const] } : {}),
  };
  return useQuery({
    queryKey: ['resolution', workspaceId, request],
    queryFn: () => resolveModel(workspaceId, request),
    enabled: enabled && agent !== null,
    staleTime: 0,
  });
}
