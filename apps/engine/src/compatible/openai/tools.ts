import type { ToolFacts } from '#lib/limits';
import type { JsonMembers } from '../body/json-members.js';
import { isObject, objectAt, textAt } from '../body/json-walk.js';

/** Tools as policies know them: what the client runs by its name, an MCP server by its label, what the vendor runs by its type. */
export function toolFacts(body: JsonMembers): ToolFacts[] {
  const tools = [
    listIn(body, 'tools'),
    listIn(body, 'functions').map((fn) => ({ type: 'function', function: fn })),
  ]
    .flat()
    .map(toolFact);
  // Chat completions have the vendor's own search outside of the list.
  return body.has('web_search_options') ? [...tools, { name: 'web_search', kind: 'http' }] : tools;
}

export function hasTools(body: JsonMembers): boolean {
  return ['tools', 'functions', 'web_search_options'].some((name) => {
    const value = body.has(name) ? body.value(name) : undefined;
    return Array.isArray(value) ? value.length > 0 : isObject(value);
  });
}

function listIn(body: JsonMembers, name: string): unknown[] {
  const value = body.has(name) ? body.value(name) : undefined;
  return Array.isArray(value) ? value : [];
}

function toolFact(tool: unknown): ToolFacts {
  const type = textAt(tool, 'type') ?? 'function';
  const own = textAt(tool, 'name') ?? textAt(objectAt(tool, type), 'name');
  if (type === 'function' || type === 'custom') return { name: own ?? '', kind: 'client' };
  if (type === 'mcp') return { name: textAt(tool, 'server_label') ?? 'mcp', kind: 'mcp' };
  return { name: type, kind: 'http' };
}
