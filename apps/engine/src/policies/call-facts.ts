import type { CallFacts, ToolFacts } from '#lib/limits';
import type { AgentSpec, ToolSpec } from '../pipeline/agent-spec.js';

/** What the policies judge an agent's call by. `underWay`: a send in the middle of it, judged again (CUSTODY §4). */
export function factsOf(
  { surface, tools, maxOutputTokens }: AgentSpec,
  now: Date,
  { underWay = false } = {},
): CallFacts {
  return {
    now,
    surface: surface ?? null,
    tools: tools.flatMap(toolFacts),
    maxOutputTokens: maxOutputTokens ?? null,
    underWay,
  };
}

/** What a server brings is known by name where the agent names it; the rest when the server was asked. */
function toolFacts(tool: ToolSpec): ToolFacts[] {
  if (tool.type !== 'mcp') return [{ name: tool.name, kind: tool.type }];
  return (tool.tools ?? [null]).map((name) => ({ name, kind: 'mcp' }));
}
