import { validationFailed } from '#lib/http';
import type { NeutralPart, NeutralReasoning, NeutralRequest } from '#lib/providers';
import { isObject, type Json } from '../body/json-walk.js';

/** A request that asks for nothing yet. */
export const NO_REQUEST: NeutralRequest = {
  messages: [],
  tools: [],
  toolChoice: undefined,
  oneCall: false,
  maxOutputTokens: undefined,
  temperature: undefined,
  topP: undefined,
  topK: undefined,
  stop: [],
  seed: undefined,
  presencePenalty: undefined,
  frequencyPenalty: undefined,
  reasoning: undefined,
  json: undefined,
};

/** Throws the name of what another protocol has no word for. */
export function untranslatable(pointer: string): never {
  throw validationFailed([
    {
      pointer,
      detail:
        'The model’s provider speaks another protocol, and this cannot be translated into it. Leave it out, or use a model of a provider with this protocol.',
    },
  ]);
}

/** Throws for the first member that nobody here knows, unless it says nothing: null, or an empty list. */
export function onlyKnown(value: Json, known: readonly string[], at = ''): void {
  const saysNothing = (said: unknown) => said === null || (Array.isArray(said) && said.length === 0);
  const strange = Object.keys(value).find((name) => !known.includes(name) && !saysNothing(value[name]));
  if (strange !== undefined) untranslatable(`${at}/${strange}`);
}

export function numberAt(value: Json, name: string): number | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  return typeof found === 'number' ? found : untranslatable(`/${name}`);
}

export function stringsAt(value: Json, name: string): string[] {
  const found = value[name] ?? [];
  const list = Array.isArray(found) ? found : [found];
  return list.map((item) => (typeof item === 'string' ? item : untranslatable(`/${name}`)));
}

export function listAt(value: Json, name: string, at = ''): Json[] {
  const found = value[name] ?? [];
  if (!Array.isArray(found)) return untranslatable(`${at}/${name}`);
  return found.map((item, index) => (isObject(item) ? item : untranslatable(`${at}/${name}/${index}`)));
}

export function stringAt(value: Json, name: string, at: string): string {
  const found = value[name];
  return typeof found === 'string' ? found : untranslatable(`${at}/${name}`);
}

export function schemaAt(value: Json, name: string): Json {
  const found = value[name];
  return isObject(found) ? found : { type: 'object', properties: {} };
}

const EFFORTS: Readonly<Record<string, NeutralReasoning>> = {
  none: 'none',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

/** How much the model may think, as OpenAI and Anthropic call it. */
export function effortOf(effort: unknown, at: string): NeutralReasoning | undefined {
  if (effort === undefined || effort === null) return undefined;
  return EFFORTS[String(effort)] ?? untranslatable(at);
}

/** The arguments of a call, which OpenAI's wire writes as text. */
export function argumentsIn(text: string, at: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text) as unknown;
  } catch {
    return untranslatable(at);
  }
}

/** An image by its address: in the request itself (`data:`), or where the vendor can fetch it. */
export function imageOf(url: string, at: string): NeutralPart {
  const inline = /^data:([\w.+-]+\/[\w.+-]+);base64,(.*)$/s.exec(url);
  if (inline) return { type: 'image', mediaType: inline[1] ?? '', data: inline[2] ?? '' };
  return /^https:\/\//.test(url) && URL.canParse(url) ? { type: 'imageUrl', url } : untranslatable(at);
}
