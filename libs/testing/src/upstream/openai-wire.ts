import type { IncomingHttpHeaders } from 'node:http';
import { argumentText, arrayOf, objectOf, textOf, type Json } from './json.js';
import type { Answer, NeutralCall, StreamEvent, VendorWire } from './types.js';

/** OpenAI chat completions, as platform.openai.com/docs/api-reference/chat describes them. */
export const openaiWire: VendorWire = {
  vendor: 'openai',
  requestIdHeader: 'x-request-id',

  parse(_url: URL, headers: IncomingHttpHeaders, body: Json): NeutralCall {
    const messages = arrayOf(body['messages']);
    const last = messages.at(-1);
    const format = objectOf(body['response_format']);
    const choice = body['tool_choice'];
    return {
      vendor: 'openai',
      model: String(body['model'] ?? ''),
      stream: body['stream'] === true,
      // Azure's own header.
      key: [headers['api-key']].flat()[0] ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null,
      system: textOf(messages.find((m) => m['role'] === 'system' || m['role'] === 'developer')?.['content']),
      lastUserText: textOf(messages.findLast((m) => m['role'] === 'user')?.['content']),
      tools: arrayOf(body['tools']).map((tool) => {
        const fn = objectOf(tool['function']);
        return { name: String(fn['name']), schema: objectOf(fn['parameters']) };
      }),
      toolResults: last?.['role'] === 'tool' ? lastToolResults(messages) : [],
      toolChoice:
        choice === 'none'
          ? 'none'
          : choice === 'required' || typeof choice === 'object'
            ? 'required'
            : 'auto',
      jsonSchema: format['type'] ? objectOf(objectOf(format['json_schema'])['schema']) : null,
      maxTokens: Number(body['max_completion_tokens'] ?? body['max_tokens'] ?? Number.NaN) || null,
    };
  },

  answer(call: NeutralCall, answer: Answer) {
    const message: Json = { role: 'assistant', content: answer.pieces.join('') || null };
    if (answer.toolCalls.length > 0) message['tool_calls'] = answer.toolCalls.map(toolCall);
    return {
      id: 'chatcmpl-fake',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: call.model,
      choices: [{ index: 0, message, finish_reason: answer.finish }],
      usage: usage(answer),
    };
  },

  events(call: NeutralCall, answer: Answer): StreamEvent[] {
    const chunk = (delta: Json, finish: string | null = null) => ({
      id: 'chatcmpl-fake',
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: call.model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const events: StreamEvent[] = [{ data: chunk({ role: 'assistant', content: '' }) }];
    for (const piece of answer.pieces) events.push({ data: chunk({ content: piece }), isText: true });
    answer.toolCalls.forEach((call_, index) => {
      const whole = toolCall(call_, index);
      const args = whole.function.arguments;
      const half = Math.ceil(args.length / 2);
      const head = { ...whole, index, function: { ...whole.function, arguments: args.slice(0, half) } };
      events.push({ data: chunk({ tool_calls: [head] }) });
      events.push({ data: chunk({ tool_calls: [{ index, function: { arguments: args.slice(half) } }] }) });
    });
    if (answer.silentEnd) return events;
    events.push({ data: chunk({}, answer.finish) });
    events.push({ data: { ...chunk({}), choices: [], usage: usage(answer) } });
    return [...events, { data: '[DONE]' }];
  },

  error: (status: number, message: string) => ({
    error: {
      message,
      type: status === 401 ? 'invalid_request_error' : status === 429 ? 'rate_limit_error' : 'api_error',
      param: null,
      code: status === 401 ? 'invalid_api_key' : null,
    },
  }),

  errorEvent: (message: string) => ({
    data: { error: { message, type: 'server_error', param: null, code: null } },
  }),

  models: (ids: string[]) => ({
    object: 'list',
    data: ids.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'fake' })),
  }),
};

function toolCall(call: Answer['toolCalls'][number], index: number) {
  return {
    id: call.id ?? `call_${index + 1}`,
    type: 'function',
    function: { name: call.name, arguments: argumentText(call.input) },
  };
}

function lastToolResults(messages: Json[]): string[] {
  const after = messages.findLastIndex((message) => message['role'] !== 'tool');
  return messages.slice(after + 1).map((message) => textOf(message['content']));
}

function usage(answer: Answer) {
  const { input, output, cached = 0, reasoning = 0 } = answer.usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
