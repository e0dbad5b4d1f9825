import { objectOf } from './json.js';
import type { Answer, NeutralCall, ScriptedAnswer } from './types.js';

/**
 * What the fake says when nothing is scripted: always the same for the same call. With tools it calls the first one
 * once, then tells what it answered; where JSON is wanted it gives the smallest value that fits the schema.
 */
export function unscripted(call: NeutralCall): ScriptedAnswer {
  if (call.toolResults.length > 0) {
    return { text: words(`I used the tool and it answered: ${call.toolResults.join('; ').slice(0, 400)}`) };
  }
  const tool = call.tools[0];
  if (tool && call.toolChoice !== 'none') {
    return { toolCalls: [{ name: tool.name, input: exampleOf(tool.schema, call.lastUserText) }] };
  }
  const schema = call.jsonSchema ?? promptedSchema(call.system);
  if (schema) return { text: JSON.stringify(exampleOf(schema, call.lastUserText)) };
  if (call.maxTokens === 1) return { text: 'pong', finish: 'length', usage: { input: 8, output: 1 } };
  const about = call.lastUserText.trim().replace(/\s+/g, ' ').slice(0, 120);
  return { text: words(`Hello from ${call.model}. You asked: "${about}". All is well here.`) };
}

/** Fills in what a scripted answer leaves out. Usage is counted in words, so that it is the same each time. */
export function completed(scripted: ScriptedAnswer, call: NeutralCall): Answer {
  const text = typeof scripted.text === 'string' ? [scripted.text] : (scripted.text ?? []);
  const pieces = scripted.echoKey ? [...text, echoed(call.key ?? '', scripted.echoKey)] : text;
  const toolCalls = scripted.toolCalls ?? [];
  const input = 4 + count(call.system) + count(call.lastUserText) + count(call.toolResults.join(' '));
  return {
    ...scripted,
    pieces,
    toolCalls,
    usage: scripted.usage ?? { input, output: Math.max(1, count(pieces.join('')) + 8 * toolCalls.length) },
    finish: scripted.finish ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop'),
  };
}

/** The key as an upstream might give it back. */
export function echoed(key: string, form: NonNullable<ScriptedAnswer['echoKey']>): string {
  if (form === 'base64') return Buffer.from(key).toString('base64');
  if (form === 'percent')
    return [...Buffer.from(key)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
  return form === 'json' ? JSON.stringify({ key }) : key;
}

/** The smallest value that fits a JSON schema; strings take the user's words where nothing else is given. */
export function exampleOf(schema: Record<string, unknown>, words_: string): unknown {
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (schema['default'] !== undefined) return schema['default'];
  if (Array.isArray(schema['examples'])) return schema['examples'][0];
  const type = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (String(type ?? 'object').toLowerCase()) {
    case 'string':
      return words_.trim().slice(0, 80) || 'text';
    case 'number':
    case 'integer':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return true;
    case 'array':
      return [exampleOf(objectOf(schema['items']), words_)];
    case 'null':
      return null;
    default: {
      const properties = Object.entries(objectOf(schema['properties']));
      return Object.fromEntries(
        properties.map(([name, inner]) => [name, exampleOf(objectOf(inner), words_)]),
      );
    }
  }
}

/** A schema that the instructions end with, for models that are asked for JSON in words. */
function promptedSchema(system: string): Record<string, unknown> | null {
  const [, json] = /JSON schema: (\{.*\})$/s.exec(system) ?? [];
  try {
    return json === undefined ? null : objectOf(JSON.parse(json));
  } catch {
    return null;
  }
}

function words(text: string): string[] {
  return text.match(/\S+\s*/g) ?? [text];
}

function count(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
