import type { AgentTool } from '@/lib/api/types';

/** Names of the tools that a node brings itself: those of MCP servers are theirs to tell. */
export function namesOf(tools: AgentTool[]): string[] {
  return tools.flatMap((tool) => (tool.type === 'mcp' ? [] : [tool.name]));
}

/** The choices of a model with these tools, for a select. */
export function choicesOf(names: string[]): { value: string; label: string }[] {
  return [
    { value: 'auto', label: 'As it sees fit' },
    { value: 'required', label: 'Must call one' },
    { value: 'none', label: 'May call none' },
    ...names.map((name) => ({ value: `tool:${name}`, label: `Must call ${name}` })),
  ];
}
