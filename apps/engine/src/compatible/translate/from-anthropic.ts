import type { NeutralMessage, NeutralPart, NeutralRequest, NeutralToolResult } from '#lib/providers';
import { isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import {
  effortOf,
  imageOf,
  listAt,
  NO_REQUEST,
  numberAt,
  onlyKnown,
  schemaAt,
  stringAt,
  stringsAt,
  untranslatable,
} from './fields.js';

const KNOWN = [
  ...[
    'model',
    'stream',
    'metadata',
    'max_tokens',
    'messages',
    'system',
    'tools',
    'tool_choice',
    'stop_sequences',
  ],
  ...['temperature', 'top_p', 'top_k', 'thinking', 'output_config', 'output_format', 'service_tier'],
];

/** A body of messages as a neutral request. Marks for Anthropic's cache say nothing elsewhere, and are left out. */
export function fromAnthropic(body: Json): NeutralRequest {
  onlyKnown(body, KNOWN);
  if (isObject(body['thinking']) && body['thinking']['type'] !== 'disabled') untranslatable('/thinking');
  const output = objectAt(body, 'output_config');
  onlyKnown(output, ['format', 'effort'], '/output_config');
  const names = new Map<string, string>();
  const system =
    typeof body['system'] === 'string' ? body['system'] : textsOf(listAt(body, 'system'), '/system');
  return {
    ...NO_REQUEST,
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, text: system }]),
      ...listAt(body, 'messages').flatMap((message, index) =>
        messagesOf(message, `/messages/${index}`, names),
      ),
    ],
    tools: listAt(body, 'tools').map((tool, index) => toolOf(tool, `/tools/${index}`)),
    toolChoice: choiceOf(body['tool_choice']),
    oneCall: objectAt(body, 'tool_choice')['disable_parallel_tool_use'] === true,
    maxOutputTokens: numberAt(body, 'max_tokens'),
    temperature: numberAt(body, 'temperature'),
    topP: numberAt(body, 'top_p'),
    topK: numberAt(body, 'top_k'),
    stop: stringsAt(body, 'stop_sequences'),
    reasoning: effortOf(output['effort'], '/output_config/effort'),
    json: jsonOf(output['format'] ?? body['output_format']),
  };
}

/** Results of tools stand in the user's message there, and in one of their own here. */
function messagesOf(message: Json, at: string, names: Map<string, string>): NeutralMessage[] {
  const role = message['role'];
  if (role !== 'user' && role !== 'assistant') return untranslatable(`${at}/role`);
  if (typeof message['content'] === 'string')
    return [{ role, parts: [{ type: 'text', text: message['content'] }] }];
  const parts: NeutralPart[] = [];
  const results: NeutralToolResult[] = [];
  for (const [index, block] of listAt(message, 'content', at).entries()) {
    const here = `${at}/content/${index}`;
    if (block['type'] === 'tool_result') results.push(resultOf(block, here, names));
    else parts.push(partOf(block, here, names));
  }
  const told: NeutralMessage[] = parts.length > 0 ? [{ role, parts }] : [];
  return results.length > 0 ? [{ role: 'tool', results }, ...told] : told;
}

function partOf(block: Json, at: string, names: Map<string, string>): NeutralPart {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: stringAt(block, 'text', at) };
    case 'image': {
      const source = objectAt(block, 'source');
      if (source['type'] === 'url')
        return imageOf(stringAt(source, 'url', `${at}/source`), `${at}/source/url`);
      if (source['type'] !== 'base64') return untranslatable(`${at}/source/type`);
      const [mediaType, data] = [stringAt(source, 'media_type', at), stringAt(source, 'data', at)];
      return { type: 'image', mediaType, data };
    }
    case 'tool_use': {
      const [id, name] = [stringAt(block, 'id', at), stringAt(block, 'name', at)];
      names.set(id, name);
      return { type: 'toolCall', id, name, input: block['input'] ?? {} };
    }
    default:
      return untranslatable(`${at}/type`);
  }
}

function resultOf(block: Json, at: string, names: Map<string, string>): NeutralToolResult {
  const id = stringAt(block, 'tool_use_id', at);
  const { content } = block;
  const text = typeof content === 'string' ? content : textsOf(listAt(block, 'content', at), `${at}/content`);
  return { id, name: names.get(id) ?? id, text, isError: block['is_error'] === true };
}

function textsOf(blocks: Json[], at: string): string {
  return blocks
    .map((block, index) =>
      block['type'] === 'text'
        ? stringAt(block, 'text', `${at}/${index}`)
        : untranslatable(`${at}/${index}/type`),
    )
    .join('\n');
}

function toolOf(tool: Json, at: string) {
  if ((tool['type'] ?? 'custom') !== 'custom') untranslatable(`${at}/type`);
  onlyKnown(tool, ['type', 'name', 'description', 'input_schema', 'cache_control'], at);
  const inputSchema = schemaAt(tool, 'input_schema');
  return { name: stringAt(tool, 'name', at), description: textAt(tool, 'description'), inputSchema };
}

function choiceOf(choice: unknown): NeutralRequest['toolChoice'] {
  if (choice === undefined || choice === null) return undefined;
  switch (textAt(choice, 'type')) {
    case 'auto':
      return 'auto';
    case 'none':
      return 'none';
    case 'any':
      return 'required';
    case 'tool':
      return { tool: textAt(choice, 'name') ?? '' };
    default:
      return untranslatable('/tool_choice');
  }
}

function jsonOf(format: unknown): NeutralRequest['json'] {
  if (format === undefined || format === null) return undefined;
  if (textAt(format, 'type') !== 'json_schema') return untranslatable('/output_config/format');
  return { schema: objectAt(format, 'schema'), name: undefined };
}
