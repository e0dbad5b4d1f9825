'use client';

import { useQuery } from '@tanstack/react-query';
import type { Agent, AgentTool, ToolFact } from '@/lib/api/types';
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

/** What rules ask of tools. What a server brings is known to the run alone: of that only that there are tools. */
function toolFacts(tools: AgentTool[]): { tools: ToolFact[] } | { needs: ['tools'] } {
  const facts = tools.flatMap((tool) => (tool.type === 'mcp' ? [] : [{ kind: tool.type, name: tool.name }]));
  return facts.length === tools.length ? { tools: facts } : { needs: ['tools'] };
}
