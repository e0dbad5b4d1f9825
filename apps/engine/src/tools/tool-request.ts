import type { HttpToolSpec } from '../pipeline/agent-spec.js';
import { referenceFault } from './secret-references.js';

export interface ToolRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const PLACEHOLDER = /\{([A-Za-z_][A-Za-z0-9_.-]*)\}/g;
/** Headers that belong to the transport, or would let a tool speak for somebody else on the connection. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

/** What is wrong with a tool's URL or headers before any input is known, and which field it is; undefined when nothing is. */
export function toolFault(tool: HttpToolSpec): { field: string; detail: string } | undefined {
  const detail = urlFault(tool);
  return detail === undefined ? referenceFault(tool.headers) : { field: 'url', detail };
}

function urlFault(tool: HttpToolSpec): string | undefined {
  if (tool.url.includes('{{'))
    return 'A secret may stand in a header only: URLs are kept in logs on their way.';
  let url: URL;
  try {
    url = new URL(tool.url.replace(PLACEHOLDER, 'x'));
  } catch {
    return 'This is no absolute URL: write it like https://api.example.com/things/{id}.';
  }
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(tool.url)?.[1] ?? '';
  if (authority.includes('{')) return 'A placeholder may stand in the path or the query, not in the host.';
  if (url.username || url.password) return 'The URL may not carry a user or password: use a header.';
  return undefined;
}

/**
 * The request that a tool call makes. `{name}` in the URL takes the input's value, encoded so that it stays one segment; of what is
 * left, GET and DELETE put scalars into the query, the other methods send a JSON body. Throws a plain Error for the model to read.
 */
export function toolRequest(tool: HttpToolSpec, input: unknown): ToolRequest {
  const values = new Map(Object.entries(isRecord(input) ? input : {}));
  const used = new Set<string>();
  const filled = tool.url.replace(PLACEHOLDER, (_, name: string) => {
    used.add(name);
    return segmentOf(name, values.get(name));
  });
  const rest = [...values].filter(([name]) => !used.has(name));
  const url = new URL(filled);
  if (url.origin !== new URL(tool.url.replace(PLACEHOLDER, 'x')).origin)
    throw new Error('the input would change the host');
  const headers = ownHeaders(tool.headers);
  if (tool.method === 'GET' || tool.method === 'DELETE') {
    for (const [name, value] of rest) url.searchParams.append(name, textOf(value));
    return { url: url.href, method: tool.method, headers, body: undefined };
  }
  headers['content-type'] ??= 'application/json';
  return { url: url.href, method: tool.method, headers, body: JSON.stringify(Object.fromEntries(rest)) };
}

/** A value as one path segment or query value. `.` and `..` would climb the path even when encoded. */
function segmentOf(name: string, value: unknown): string {
  if (value === undefined || value === null)
    throw new Error(`the input lacks "${name}", which the URL needs`);
  const text = textOf(value);
  if (text === '' || text === '.' || text === '..')
    throw new Error(`"${name}" cannot be "${text}" in the URL`);
  return encodeURIComponent(text);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function ownHeaders(headers: Record<string, string> = {}): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    accept: 'application/json, text/*;q=0.9, */*;q=0.5',
    ...Object.fromEntries(lower.filter(([name]) => !OWN_HEADERS.has(name))),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
