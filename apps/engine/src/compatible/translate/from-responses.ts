import type { NeutralRequest } from '#lib/providers';
import { isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import {
  effortOf,
  listAt,
  NO_REQUEST,
  numberAt,
  onlyKnown,
  schemaAt,
  stringAt,
  untranslatable,
} from './fields.js';
import { messagesOf } from './response-items.js';

/** What says nothing to the model: whose call it is, and how it is kept and counted. */
const SILENT = [
  ...['model', 'stream', 'stream_options', 'metadata', 'store', 'user', 'safety_identifier'],
  ...['prompt_cache_key', 'prompt_cache_retention'],
];
const SAID = ['input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'text', 'reasoning'];
const LIMITS = ['max_output_tokens', 'temperature', 'top_p', 'include', 'truncation', 'service_tier'];
/** Asks for something that only an answer with reasoning in it could have; none of ours has. */
const EMPTY_HERE = 'reasoning.encrypted_content';

/**
 * A body of responses as a neutral request. What leans on something that OpenAI keeps or runs (earlier answers, conversations, its own
 * tools) has no translation. Throws `validation_failed` with the place of what has none.
 */
export function fromResponses(body: Json): NeutralRequest {
  onlyKnown(body, [...SILENT, ...SAID, ...LIMITS]);
  assertPlain(body);
  const { input } = body;
  const text = objectAt(body, 'text');
  onlyKnown(text, ['format'], '/text');
  const instructions = body['instructions'] ?? '';
  if (typeof instructions !== 'string') untranslatable('/instructions');
  return {
    ...NO_REQUEST,
    messages: [
      ...(instructions === '' ? [] : [{ role: 'system' as const, text: instructions }]),
      ...(typeof input === 'string'
        ? [{ role: 'user' as const, parts: [{ type: 'text' as const, text: input }] }]
        : messagesOf(listAt(body, 'input'))),
    ],
    tools: listAt(body, 'tools').map((tool, index) => toolOf(tool, `/tools/${index}`)),
    toolChoice: choiceOf(body['tool_choice']),
    oneCall: body['parallel_tool_calls'] === false,
    maxOutputTokens: numberAt(body, 'max_output_tokens'),
    temperature: numberAt(body, 'temperature'),
    topP: numberAt(body, 'top_p'),
    reasoning: reasoningOf(objectAt(body, 'reasoning')),
    json: jsonOf(text['format']),
  };
}

function assertPlain(body: Json): void {
  if ((body['truncation'] ?? 'disabled') !== 'disabled') untranslatable('/truncation');
  if (!['auto', 'default'].includes(String(body['service_tier'] ?? 'auto'))) untranslatable('/service_tier');
  const include = body['include'] ?? [];
  if (!Array.isArray(include)) return untranslatable('/include');
  const asked = include.findIndex((name) => name !== EMPTY_HERE);
  if (asked !== -1) untranslatable(`/include/${asked}`);
}

function toolOf(tool: Json, at: string) {
  if (tool['type'] !== 'function') untranslatable(`${at}/type`);
  onlyKnown(tool, ['type', 'name', 'description', 'parameters', 'strict'], at);
  return {
    name: stringAt(tool, 'name', at),
    description: textAt(tool, 'description'),
    inputSchema: schemaAt(tool, 'parameters'),
  };
}

function choiceOf(choice: unknown): NeutralRequest['toolChoice'] {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const name = textAt(choice, 'type') === 'function' ? textAt(choice, 'name') : undefined;
  return name === undefined ? untranslatable('/tool_choice') : { tool: name };
}

/** A summary of what was thought cannot be told: it is not told on any wire. */
function reasoningOf(reasoning: Json): NeutralRequest['reasoning'] {
  onlyKnown(reasoning, ['effort'], '/reasoning');
  return effortOf(reasoning['effort'], '/reasoning/effort');
}

function jsonOf(format: unknown): NeutralRequest['json'] {
  if (format === undefined || format === null) return undefined;
  const type = textAt(format, 'type');
  if (type === 'text') return undefined;
  if (type === 'json_object') return { schema: undefined, name: undefined };
  const schema = isObject(format) ? format['schema'] : undefined;
  if (type !== 'json_schema' || !isObject(schema)) return untranslatable('/text/format');
  return { schema, name: textAt(format, 'name') };
}
