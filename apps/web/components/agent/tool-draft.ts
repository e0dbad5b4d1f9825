import type { AgentTool, HttpTool } from '@/lib/api/types';
import { parseSchema } from './json-schema';

export type ToolKind = AgentTool['type'];
export type HttpMethod = HttpTool['method'];

export const KIND_WORDS: Record<ToolKind, string> = {
  http: 'HTTP',
  mcp: 'MCP server',
  client: 'Client-side',
};
export const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A tool as it is being written: every field as text. */
export interface ToolDraft {
  type: ToolKind;
  name: string;
  description: string;
  inputSchema: string;
  method: HttpMethod;
  url: string;
  /** `Name: value`, one a line. */
  headers: string;
  serverId: string;
  /** The server's own names, one a line; empty: all. */
  tools: string;
  /** Whether somebody is asked before each call. */
  needsApproval: boolean;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.+)$/;

export function newTool(type: ToolKind): ToolDraft {
  return {
    ...{ type, name: '', description: '', method: 'GET', url: '', headers: '', serverId: '', tools: '' },
    inputSchema: '{\n  "type": "object",\n  "properties": {}\n}',
    needsApproval: false,
  };
}

export function draftOf(tool: AgentTool): ToolDraft {
  const empty = { ...newTool(tool.type), needsApproval: tool.needsApproval === true };
  if (tool.type === 'mcp') return { ...empty, serverId: tool.serverId, tools: (tool.tools ?? []).join('\n') };
  const { name, description } = tool;
  const base = { ...empty, name, description, inputSchema: JSON.stringify(tool.inputSchema, null, 2) };
  if (tool.type === 'client') return base;
  const headers = Object.entries(tool.headers ?? {}).map(([header, value]) => `${header}: ${String(value)}`);
  return { ...base, method: tool.method, url: tool.url, headers: headers.join('\n') };
}

/** What a tool is called in a list; a server by its name in the workspace. */
export function titleOf(tool: AgentTool, serverName: (id: string) => string): string {
  return tool.type === 'mcp' ? serverName(tool.serverId) : tool.name;
}

export type ToolFaults = Partial<Record<keyof ToolDraft, string>>;

export function linesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => line.trim() || []);
}

/** What is wrong, field by field; empty when nothing is. `taken` are the names of the node's other tools. */
export function faultsOf(draft: ToolDraft, taken: readonly string[]): ToolFaults {
  if (draft.type === 'mcp') return draft.serverId === '' ? { serverId: 'Pick a server.' } : {};
  const faults: ToolFaults = {};
  if (!NAME.test(draft.name)) faults.name = 'Up to 64 letters, digits, _ and -, starting with a letter or _.';
  else if (taken.includes(draft.name)) faults.name = 'Another tool has this name.';
  if (draft.description.trim() === '') faults.description = 'The model reads this to know when to call it.';
  const { problem } = parseSchema(draft.inputSchema, 'input');
  if (problem) faults.inputSchema = problem;
  if (draft.type === 'client') return faults;
  if (!/^https?:\/\/\S+$/.test(draft.url.trim()))
    faults.url = 'A URL, such as https://api.example.com/v1/{id}.';
  const wrong = linesOf(draft.headers).find((line) => !HEADER.test(line));
  if (wrong !== undefined) faults.headers = `Write “Name: value”: this line is none: ${wrong}`;
  return faults;
}

/** The tool that a draft without faults stands for. */
export function toolOf(draft: ToolDraft): AgentTool {
  const asks = draft.needsApproval ? { needsApproval: true } : {};
  if (draft.type === 'mcp') {
    const tools = linesOf(draft.tools);
    return { type: 'mcp', serverId: draft.serverId, ...(tools.length > 0 && { tools }), ...asks };
  }
  const { name, description, type } = draft;
  const inputSchema = parseSchema(draft.inputSchema, 'input').schema ?? { type: 'object' };
  if (type === 'client') return { type, name, description, inputSchema, ...asks };
  const headers = Object.fromEntries(
    linesOf(draft.headers).flatMap((line) => {
      const [, header, value] = HEADER.exec(line) ?? [];
      return header && value ? [[header, value.trim()]] : [];
    }),
  );
  const { method, url } = draft;
  const sent = Object.keys(headers).length > 0 ? { headers } : {};
  return { type, name, description, inputSchema, method, url: url.trim(), ...sent, ...asks };
}
