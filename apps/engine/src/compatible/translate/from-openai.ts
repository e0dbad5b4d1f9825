import type { NeutralMessage, NeutralPart, NeutralRequest } from '#lib/providers';
import { isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import {
  argumentsIn,
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

/** What says nothing to the model: whose call it is, and how it is kept and counted. */
const SILENT = [
  'model',
  'stream',
  'stream_options',
  'user',
  'safety_identifier',
  'metadata',
  'store',
  'prompt_cache_key',
];
const SAID = [
  'messages',
  'tools',
  'tool_choice',
  'response_format',
  'stop',
  'seed',
  'temperature',
  'top_p',
  'n',
];
const LIMITS = [
  'max_tokens',
  'max_completion_tokens',
  'presence_penalty',
  'frequency_penalty',
  'parallel_tool_calls',
  'reasoning_effort',
];

/** A body of chat completions as a neutral request. Throws `validation_failed` with the place of what has no translation. */
export function fromOpenai(body: Json): NeutralRequest {
  onlyKnown(body, [...SILENT, ...SAID, ...LIMITS]);
  if ((numberAt(body, 'n') ?? 1) !== 1) untranslatable('/n');
  const names = new Map<string, string>();
  return {
    ...NO_REQUEST,
    messages: listAt(body, 'messages').map((message, index) =>
      messageOf(message, `/messages/${index}`, names),
    ),
    tools: listAt(body, 'tools').map((tool, index) => toolOf(tool, `/tools/${index}`)),
    toolChoice: choiceOf(body['tool_choice']),
    oneCall: body['parallel_tool_calls'] === false,
    maxOutputTokens: numberAt(body, 'max_completion_tokens') ?? numberAt(body, 'max_tokens'),
    temperature: numberAt(body, 'temperature'),
    topP: numberAt(body, 'top_p'),
    stop: stringsAt(body, 'stop'),
    seed: numberAt(body, 'seed'),
    presencePenalty: numberAt(body, 'presence_penalty'),
    frequencyPenalty: numberAt(body, 'frequency_penalty'),
    reasoning: effortOf(body['reasoning_effort'], '/reasoning_effort'),
    json: jsonOf(body['response_format']),
  };
}

/** `names`: of the tools that were called, by the id of the call: their answers say the id alone. */
function messageOf(message: Json, at: string, names: Map<string, string>): NeutralMessage {
  onlyKnown(
    message,
    ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal', 'annotations', 'audio'],
    at,
  );
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', text: textOf(message, at) };
    case 'user':
      return { role: 'user', parts: partsOf(message, at) };
    case 'assistant': {
      const calls = listAt(message, 'tool_calls', at).map((call, index) =>
        callOf(call, `${at}/tool_calls/${index}`, names),
      );
      const said =
        message['content'] === null || message['content'] === undefined ? [] : partsOf(message, at);
      return { role: 'assistant', parts: [...said, ...calls] };
    }
    case 'tool': {
      const id = stringAt(message, 'tool_call_id', at);
      return {
        role: 'tool',
        results: [{ id, name: names.get(id) ?? id, text: textOf(message, at), isError: false }],
      };
    }
    default:
      return untranslatable(`${at}/role`);
  }
}

function textOf(message: Json, at: string): string {
  return partsOf(message, at)
    .map((part) => (part.type === 'text' ? part.text : untranslatable(`${at}/content`)))
    .join('\n');
}

function partsOf(message: Json, at: string): NeutralPart[] {
  const content = message['content'];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return listAt(message, 'content', at).map((part, index): NeutralPart => {
    const here = `${at}/content/${index}`;
    if (part['type'] === 'text') return { type: 'text', text: stringAt(part, 'text', here) };
    if (part['type'] !== 'image_url') return untranslatable(`${here}/type`);
    return imageOf(
      stringAt(objectAt(part, 'image_url'), 'url', `${here}/image_url`),
      `${here}/image_url/url`,
    );
  });
}

function callOf(call: Json, at: string, names: Map<string, string>): NeutralPart {
  if (call['type'] !== 'function') untranslatable(`${at}/type`);
  const id = stringAt(call, 'id', at);
  const fn = objectAt(call, 'function');
  const name = stringAt(fn, 'name', `${at}/function`);
  names.set(id, name);
  return {
    type: 'toolCall',
    id,
    name,
    input: argumentsIn(stringAt(fn, 'arguments', `${at}/function`), `${at}/function/arguments`),
  };
}

function toolOf(tool: Json, at: string) {
  if (tool['type'] !== 'function') untranslatable(`${at}/type`);
  const fn = objectAt(tool, 'function');
  onlyKnown(fn, ['name', 'description', 'parameters', 'strict'], `${at}/function`);
  return {
    name: stringAt(fn, 'name', `${at}/function`),
    description: textAt(fn, 'description'),
    inputSchema: schemaAt(fn, 'parameters'),
  };
}

function choiceOf(choice: unknown): NeutralRequest['toolChoice'] {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice;
  const name = textAt(objectAt(choice, 'function'), 'name');
  return name === undefined ? untranslatable('/tool_choice') : { tool: name };
}

function jsonOf(format: unknown): NeutralRequest['json'] {
  if (format === undefined || format === null) return undefined;
  const type = textAt(format, 'type');
  if (type === 'text') return undefined;
  if (type === 'json_object') return { schema: undefined, name: undefined };
  const asked = objectAt(format, 'json_schema');
  if (type !== 'json_schema' || !isObject(asked['schema'])) return untranslatable('/response_format');
  return { schema: asked['schema'], name: textAt(asked, 'name') };
}
