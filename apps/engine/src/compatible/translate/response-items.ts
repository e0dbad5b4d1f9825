import { validationFailed } from '#lib/http';
import type { NeutralMessage, NeutralPart, NeutralToolResult } from '#lib/providers';
import { textAt, type Json } from '../body/json-walk.js';
import { argumentsIn, imageOf, listAt, onlyKnown, stringAt, untranslatable } from './fields.js';

const NOT_KEPT =
  'This points to an item that OpenAI would have kept. For models of other providers nothing is kept: send the item itself, as clients do when they are told "store: false".';

/**
 * The items of a response's input as messages. What the model said and the tools that it called stand in items of their own there, and in
 * one message everywhere else; so do the answers of several tools.
 */
export function messagesOf(items: Json[]): NeutralMessage[] {
  const names = new Map<string, string>();
  return items.reduce<NeutralMessage[]>((messages, item, index) => {
    const next = messageOf(item, `/input/${index}`, names);
    const joined = joinedWith(messages.at(-1), next);
    return joined ? [...messages.slice(0, -1), joined] : [...messages, next];
  }, []);
}

function joinedWith(last: NeutralMessage | undefined, next: NeutralMessage): NeutralMessage | undefined {
  if (last?.role === 'assistant' && next.role === 'assistant')
    return { role: 'assistant', parts: [...last.parts, ...next.parts] };
  if (last?.role === 'tool' && next.role === 'tool')
    return { role: 'tool', results: [...last.results, ...next.results] };
  return undefined;
}

/** `names`: of the functions that were called, by the id of the call: their answers say the id alone. */
function messageOf(item: Json, at: string, names: Map<string, string>): NeutralMessage {
  switch (item['type'] ?? 'message') {
    case 'message':
      return saidOf(item, at);
    case 'function_call':
      return { role: 'assistant', parts: [callOf(item, at, names)] };
    case 'function_call_output':
      return { role: 'tool', results: [resultOf(item, at, names)] };
    case 'item_reference':
      throw validationFailed([{ pointer: `${at}/type`, detail: NOT_KEPT }]);
    default:
      return untranslatable(`${at}/type`);
  }
}

function saidOf(item: Json, at: string): NeutralMessage {
  onlyKnown(item, ['type', 'role', 'content', 'id', 'status', 'phase'], at);
  const parts = partsOf(item, at, 'content');
  switch (item['role']) {
    case 'user':
    case 'assistant':
      return { role: item['role'], parts };
    case 'system':
    case 'developer':
      return { role: 'system', text: textOf(parts, `${at}/content`) };
    default:
      return untranslatable(`${at}/role`);
  }
}

function callOf(item: Json, at: string, names: Map<string, string>): NeutralPart {
  onlyKnown(item, ['type', 'call_id', 'name', 'arguments', 'id', 'status'], at);
  const [id, name] = [stringAt(item, 'call_id', at), stringAt(item, 'name', at)];
  names.set(id, name);
  const input = argumentsIn(stringAt(item, 'arguments', at), `${at}/arguments`);
  return { type: 'toolCall', id, name, input };
}

function resultOf(item: Json, at: string, names: Map<string, string>): NeutralToolResult {
  onlyKnown(item, ['type', 'call_id', 'output', 'id', 'status'], at);
  const id = stringAt(item, 'call_id', at);
  const text = textOf(partsOf(item, at, 'output'), `${at}/output`);
  return { id, name: names.get(id) ?? id, text, isError: false };
}

function partsOf(item: Json, at: string, member: string): NeutralPart[] {
  const content = item[member];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return listAt(item, member, at).map((part, index): NeutralPart => {
    const here = `${at}/${member}/${index}`;
    switch (part['type']) {
      case 'input_text':
      case 'output_text':
        return { type: 'text', text: stringAt(part, 'text', here) };
      case 'refusal':
        return { type: 'text', text: stringAt(part, 'refusal', here) };
      case 'input_image':
        onlyKnown(part, ['type', 'image_url', 'detail'], here);
        return imageOf(textAt(part, 'image_url') ?? '', `${here}/image_url`);
      default:
        return untranslatable(`${here}/type`);
    }
  });
}

function textOf(parts: NeutralPart[], at: string): string {
  return parts.map((part) => (part.type === 'text' ? part.text : untranslatable(at))).join('\n');
}
