import type { IncomingHttpHeaders } from 'node:http';
import { argumentText, arrayOf, objectOf, textOf, type Json } from './json.js';
import type { Answer, NeutralCall, StreamEvent, VendorWire } from './types.js';

const STOP = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;

/** Anthropic messages, as docs.anthropic.com/en/api/messages and /messages-streaming describe them. */
export const anthropicWire: VendorWire = {
  vendor: 'anthropic',
  requestIdHeader: 'request-id',

  parse(_url: URL, headers: IncomingHttpHeaders, body: Json): NeutralCall {
    const messages = arrayOf(body['messages']);
    const last = messages.at(-1);
    const choice = objectOf(body['tool_choice'])['type'];
    const format = objectOf(body['output_format'] ?? objectOf(body['output_config'])['format']);
    return {
      vendor: 'anthropic',
      model: String(body['model'] ?? ''),
      stream: body['stream'] === true,
      // Claude in a cloud is called with a bearer token.
      key: [headers['x-api-key']].flat()[0] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
      system: textOf(body['system']),
      lastUserText: textOf(messages.findLast((m) => m['role'] === 'user' && hasText(m))?.['content']),
      tools: arrayOf(body['tools']).map((tool) => ({
        name: String(tool['name']),
        schema: objectOf(tool['input_schema']),
      })),
      toolResults: arrayOf(last?.['content'])
        .filter((part) => part['type'] === 'tool_result')
        .map((part) => textOf(part['content'])),
      toolChoice: choice === 'none' ? 'none' : choice === 'any' || choice === 'tool' ? 'required' : 'auto',
      jsonSchema: format['schema'] ? objectOf(format['schema']) : null,
      maxTokens: Number(body['max_tokens'] ?? Number.NaN) || null,
    };
  },

  answer(call: NeutralCall, answer: Answer) {
    const text = answer.pieces.join('');
    return {
      ...head(call),
      content: [
        ...(text ? [{ type: 'text', text }] : []),
        ...answer.toolCalls.map((tool, index) => ({ ...toolUse(tool, index), input: objectOf(tool.input) })),
      ],
      stop_reason: STOP[answer.finish],
      usage: usage(answer),
    };
  },

  events(call: NeutralCall, answer: Answer): StreamEvent[] {
    const named = (data: Json & { type: string }, isText = false): StreamEvent => ({
      event: data.type,
      data,
      isText,
    });
    const start = {
      ...head(call),
      content: [],
      stop_reason: null,
      usage: { ...usage(answer), output_tokens: 1 },
    };
    const events: StreamEvent[] = [named({ type: 'message_start', message: start })];
    let index = 0;
    if (answer.pieces.length > 0) {
      events.push(named({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } }));
      events.push(named({ type: 'ping' }));
      for (const text of answer.pieces) {
        events.push(named({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } }, true));
      }
      events.push(named({ type: 'content_block_stop', index }));
      index += 1;
    }
    answer.toolCalls.forEach((tool, nth) => {
      const json = argumentText(tool.input);
      const half = Math.ceil(json.length / 2);
      events.push(
        named({ type: 'content_block_start', index, content_block: { ...toolUse(tool, nth), input: {} } }),
      );
      for (const partial_json of [json.slice(0, half), json.slice(half)]) {
        events.push(
          named({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json } }),
        );
      }
      events.push(named({ type: 'content_block_stop', index }));
      index += 1;
    });
    if (answer.silentEnd) return events;
    const delta = { stop_reason: STOP[answer.finish], stop_sequence: null };
    events.push(named({ type: 'message_delta', delta, usage: { output_tokens: answer.usage.output } }));
    return [...events, named({ type: 'message_stop' })];
  },

  error: (status: number, message: string) => ({
    type: 'error',
    error: { type: errorType(status), message },
  }),

  errorEvent: (message: string) => ({
    event: 'error',
    data: { type: 'error', error: { type: 'overloaded_error', message } },
  }),

  models: (ids: string[]) => ({
    data: ids.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-01-01T00:00:00Z' })),
    has_more: false,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  }),
};

function head(call: NeutralCall) {
  return { id: 'msg_fake', type: 'message', role: 'assistant', model: call.model, stop_sequence: null };
}

function toolUse(tool: Answer['toolCalls'][number], index: number) {
  return { type: 'tool_use', id: tool.id ?? `toolu_${index + 1}`, name: tool.name };
}

function hasText(message: Json): boolean {
  const { content } = message;
  return typeof content === 'string' || arrayOf(content).some((part) => part['type'] === 'text');
}

/** Anthropic counts cached input beside `input_tokens`, not inside. */
function usage(answer: Answer) {
  const { input, output, cached = 0 } = answer.usage;
  return {
    input_tokens: input - cached,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    output_tokens: output,
  };
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 404) return 'not_found_error';
  if (status === 429) return 'rate_limit_error';
  if (status === 529) return 'overloaded_error';
  return status < 500 ? 'invalid_request_error' : 'api_error';
}
