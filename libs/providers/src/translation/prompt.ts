import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider';
import type { NeutralMessage, NeutralPart, NeutralRequest } from './types.js';

type UserPart = Extract<LanguageModelV4Message, { role: 'user' }>['content'][number];
type AssistantPart = Extract<LanguageModelV4Message, { role: 'assistant' }>['content'][number];

/** How the vendors are told to call one tool at most; those that have no word for it are held to it by `translatedCall`. */
const ONE_CALL = { openai: { parallelToolCalls: false }, anthropic: { disableParallelToolUse: true } };

/** A neutral request as the vendors' clients take one. */
export function callOptions(request: NeutralRequest): LanguageModelV4CallOptions {
  const { messages, tools, toolChoice, oneCall, stop, json, ...rest } = request;
  return {
    ...rest,
    prompt: messages.map(messageOf),
    ...(stop.length > 0 && { stopSequences: stop }),
    ...(json && { responseFormat: { type: 'json' as const, schema: json.schema, name: json.name } }),
    ...(oneCall && tools.length > 0 && { providerOptions: ONE_CALL }),
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({ type: 'function' as const, ...tool })),
      toolChoice:
        typeof toolChoice === 'object'
          ? { type: 'tool' as const, toolName: toolChoice.tool }
          : { type: toolChoice ?? ('auto' as const) },
    }),
  };
}

function messageOf(message: NeutralMessage): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user':
      return { role: 'user', content: message.parts.flatMap(userPart) };
    case 'assistant':
      return { role: 'assistant', content: message.parts.flatMap(assistantPart) };
    case 'tool':
      return {
        role: 'tool',
        content: message.results.map(({ id, name, text, isError }) => ({
          type: 'tool-result',
          toolCallId: id,
          toolName: name,
          output: { type: isError ? 'error-text' : 'text', value: text },
        })),
      };
  }
}

function userPart(part: NeutralPart): UserPart[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'image':
      return [{ type: 'file', mediaType: part.mediaType, data: { type: 'data', data: part.data } }];
    case 'imageUrl':
      return [{ type: 'file', mediaType: 'image/*', data: { type: 'url', url: new URL(part.url) } }];
    case 'toolCall':
      return [];
  }
}

function assistantPart(part: NeutralPart): AssistantPart[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
  if (part.type !== 'toolCall') return [];
  return [{ type: 'tool-call', toolCallId: part.id, toolName: part.name, input: part.input }];
}
