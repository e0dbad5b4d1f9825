'use client';

import { useQuery } from '@tanstack/react-query';
import type { Agent } from '@/lib/api/runs';
import type { ToolFact } from '@/lib/api/types';
import { resolveModel } from '@/lib/api/workspaces';

/** Which key would serve the node, and what each gate says; nothing is decrypted for it. */
export function useResolution(workspaceId: string, agent: Agent | null, enabled: boolean) {
  const request = {
    ...(agent?.model ? { model: agent.model } : {}),
    ...(agent?.provider ? { provider: agent.provider } : {}),
    ...(agent?.maxOutputTokens ? { maxOutputTokens: agent.maxOutputTokens } : {}),
    ...toolFacts(agent?.tools ?? []),
  };
  return useQuery({
    queryKey: ['resolution', workspaceId, request],
    queryFn: () => resolveModel(workspaceId, request),
    enabled: enabled && agent !== null,
    staleTime: 0,
  });
}

/** What rules ask of tools. Of one that is not written to its end only that there is one. */
function toolFacts(tools: unknown[]): { tools: ToolFact[] } | { needs: ['tools'] } {
  const facts = tools.flatMap((tool) => (isFact(tool) ? [{ kind: tool.type, name: tool.name }] : []));
  return facts.length === tools.length ? { tools: facts } : { needs: ['tools'] };
}

function isFact(tool: unknown): tool is { type: ToolFact['kind']; name: string } {
  if (typeof tool !== 'object' || tool === null || !('type' in tool && 'name' in tool)) return false;
  const { type, name } = tool;
  const isKind = type === 'http' || type === 'mcp' || type === 'client';
  return isKind && typeof name === 'string' && name !== '';
}
