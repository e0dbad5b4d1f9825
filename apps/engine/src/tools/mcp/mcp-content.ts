import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { withoutPatterns } from '#lib/providers';
import type { ToolOutcome } from '../http-tool.js';

/** The most that a model is given of one answer, in characters. */
const LONGEST_ANSWER = 256 * 1024;

/** What a server answered to a call, for the model: what is structured, else its texts; of what is neither, that it was there. */
export function outcomeOf({ content, structuredContent, isError }: CallToolResult): ToolOutcome {
  const output = structuredContent ?? textOf(content);
  const text = typeof output === 'string' ? output : JSON.stringify(output);
  if (text.length > LONGEST_ANSWER)
    return { output: null, error: `the tool's answer is longer than ${LONGEST_ANSWER} characters` };
  return { output, error: isError ? 'the tool reported an error' : null };
}

function textOf(content: CallToolResult['content']): string {
  return content
    .map((part) => {
      if (part.type === 'text') return part.text;
      if (part.type === 'resource' && 'text' in part.resource) return part.resource.text;
      return `[${part.type}, not passed on]`;
    })
    .join('\n');
}

/**
 * The schema of a server's tool as far as we go by it: an object, and without patterns. A pattern is run here over what a model
 * says, and a stranger's could keep the process busy for hours; the server checks its own.
 */
export function inputSchemaOf(schema: unknown): Record<string, unknown> {
  const known = isRecord(schema) ? withoutPatterns(schema) : {};
  return { ...known, type: 'object', properties: isRecord(known['properties']) ? known['properties'] : {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
