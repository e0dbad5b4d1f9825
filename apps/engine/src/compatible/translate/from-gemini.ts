import type { NeutralMessage, NeutralPart, NeutralRequest, NeutralToolResult } from '#lib/providers';
import { isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import {
  listAt,
  NO_REQUEST,
  numberAt,
  onlyKnown,
  schemaAt,
  stringAt,
  stringsAt,
  untranslatable,
} from './fields.js';
import { jsonSchemaOf } from './gemini-schema.js';

const KNOWN = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig'];
const CONFIG = [
  ...[
    'maxOutputTokens',
    'temperature',
    'topP',
    'topK',
    'stopSequences',
    'seed',
    'presencePenalty',
    'frequencyPenalty',
  ],
  ...['responseMimeType', 'responseSchema', 'responseJsonSchema', 'candidateCount'],
];

/** A body of generateContent as a neutral request. Calls have no ids on this wire: the n-th answer of a name is to its n-th call. */
export function fromGemini(body: Json): NeutralRequest {
  onlyKnown(body, KNOWN);
  const config = objectAt(body, 'generationConfig');
  onlyKnown(config, CONFIG, '/generationConfig');
  if ((numberAt(config, 'candidateCount') ?? 1) !== 1) untranslatable('/generationConfig/candidateCount');
  const ids = { called: new Map<string, number>(), answered: new Map<string, number>() };
  const system = listAt(objectAt(body, 'systemInstruction'), 'parts', '/systemInstruction').map(
    (part, index) => stringAt(part, 'text', `/systemInstruction/parts/${index}`),
  );
  return {
    ...NO_REQUEST,
    messages: [
      ...(system.length === 0 ? [] : [{ role: 'system' as const, text: system.join('\n') }]),
      ...listAt(body, 'contents').flatMap((content, index) => messagesOf(content, `/contents/${index}`, ids)),
    ],
    tools: listAt(body, 'tools').flatMap((tool, index) => toolsOf(tool, `/tools/${index}`)),
    toolChoice: choiceOf(objectAt(objectAt(body, 'toolConfig'), 'functionCallingConfig')),
    maxOutputTokens: numberAt(config, 'maxOutputTokens'),
    temperature: numberAt(config, 'temperature'),
    topP: numberAt(config, 'topP'),
    topK: numberAt(config, 'topK'),
    stop: stringsAt(config, 'stopSequences'),
    seed: numberAt(config, 'seed'),
    presencePenalty: numberAt(config, 'presencePenalty'),
    frequencyPenalty: numberAt(config, 'frequencyPenalty'),
    json: jsonOf(config),
  };
}

interface Ids {
  called: Map<string, number>;
  answered: Map<string, number>;
}

function messagesOf(content: Json, at: string, ids: Ids): NeutralMessage[] {
  const role = content['role'] ?? 'user';
  if (role !== 'user' && role !== 'model' && role !== 'function') return untranslatable(`${at}/role`);
  const parts: NeutralPart[] = [];
  const results: NeutralToolResult[] = [];
  for (const [index, part] of listAt(content, 'parts', at).entries()) {
    const here = `${at}/parts/${index}`;
    if (isObject(part['functionResponse'])) results.push(resultOf(part['functionResponse'], here, ids));
    else parts.push(partOf(part, here, ids));
  }
  const told: NeutralMessage[] =
    parts.length > 0 ? [{ role: role === 'model' ? 'assistant' : 'user', parts }] : [];
  return results.length > 0 ? [{ role: 'tool', results }, ...told] : told;
}

function partOf(part: Json, at: string, ids: Ids): NeutralPart {
  if (typeof part['text'] === 'string' && part['thought'] !== true)
    return { type: 'text', text: part['text'] };
  if (isObject(part['functionCall'])) {
    const call = part['functionCall'];
    const name = stringAt(call, 'name', at);
    return { type: 'toolCall', id: idOf(call, name, ids.called), name, input: call['args'] ?? {} };
  }
  const image = objectAt(part, 'inlineData');
  const mediaType = textAt(image, 'mimeType') ?? '';
  if (!mediaType.startsWith('image/')) return untranslatable(at);
  return { type: 'image', mediaType, data: stringAt(image, 'data', `${at}/inlineData`) };
}

function resultOf(response: Json, at: string, ids: Ids): NeutralToolResult {
  const name = stringAt(response, 'name', at);
  const text = JSON.stringify(response['response'] ?? {});
  return { id: idOf(response, name, ids.answered), name, text, isError: false };
}

function idOf(part: Json, name: string, count: Map<string, number>): string {
  const own = textAt(part, 'id');
  if (own !== undefined) return own;
  const next = (count.get(name) ?? 0) + 1;
  count.set(name, next);
  return `call_${name}_${next}`;
}

function toolsOf(tool: Json, at: string) {
  onlyKnown(tool, ['functionDeclarations'], at);
  return listAt(tool, 'functionDeclarations', at).map((fn, index) => {
    const here = `${at}/functionDeclarations/${index}`;
    onlyKnown(fn, ['name', 'description', 'parameters', 'parametersJsonSchema'], here);
    const plain = isObject(fn['parametersJsonSchema']);
    const inputSchema = plain
      ? schemaAt(fn, 'parametersJsonSchema')
      : (jsonSchemaOf(schemaAt(fn, 'parameters')) as Json);
    return { name: stringAt(fn, 'name', here), description: textAt(fn, 'description'), inputSchema };
  });
}

function choiceOf(config: Json): NeutralRequest['toolChoice'] {
  const allowed = stringsAt(config, 'allowedFunctionNames');
  if (allowed.length > 1) untranslatable('/toolConfig/functionCallingConfig/allowedFunctionNames');
  switch (config['mode']) {
    case undefined:
    case 'AUTO':
      return undefined;
    case 'NONE':
      return 'none';
    case 'ANY':
      return allowed[0] === undefined ? 'required' : { tool: allowed[0] };
    default:
      return untranslatable('/toolConfig/functionCallingConfig/mode');
  }
}

function jsonOf(config: Json): NeutralRequest['json'] {
  const type = config['responseMimeType'] ?? 'text/plain';
  if (type === 'text/plain') return undefined;
  if (type !== 'application/json') return untranslatable('/generationConfig/responseMimeType');
  const schema = config['responseJsonSchema'] ?? jsonSchemaOf(config['responseSchema']);
  return { schema: isObject(schema) ? schema : undefined, name: undefined };
}
