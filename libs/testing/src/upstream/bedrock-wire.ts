import type { IncomingHttpHeaders } from 'node:http';
import { eventStreamFrame } from './event-stream.js';
import { argumentText, arrayOf, objectOf, textOf, type Json } from './json.js';
import type { Answer, NeutralCall, StreamEvent, VendorWire } from './types.js';

const STOP = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' } as const;
const EXCEPTION = 'internalServerException';

/** Amazon Bedrock's Converse and ConverseStream, as docs.aws.amazon.com/bedrock/latest/APIReference describes them. */
export const bedrockWire: VendorWire = {
  vendor: 'bedrock',
  requestIdHeader: 'x-amzn-requestid',
  streamType: 'application/vnd.amazon.eventstream',

  parse(url: URL, headers: IncomingHttpHeaders, body: Json): NeutralCall {
    const [, model, operation] = /\/model\/([^/]+)\/(converse|converse-stream)$/.exec(url.pathname) ?? [];
    const messages = arrayOf(body['messages']);
    const last = arrayOf(messages.at(-1)?.['content']);
    const config = objectOf(body['toolConfig']);
    const choice = objectOf(config['toolChoice']);
    return {
      vendor: 'bedrock',
      model: decodeURIComponent(model ?? ''),
      stream: operation === 'converse-stream',
      key: keyOf(headers.authorization ?? ''),
      system: textOf(body['system']),
      lastUserText: textOf(messages.findLast((m) => m['role'] === 'user' && hasText(m))?.['content']),
      tools: arrayOf(config['tools']).map((tool) => {
        const spec = objectOf(tool['toolSpec']);
        return { name: String(spec['name']), schema: objectOf(objectOf(spec['inputSchema'])['json']) };
      }),
      toolResults: last
        .filter((part) => part['toolResult'] !== undefined)
        .map((part) => textOf(objectOf(part['toolResult'])['content'])),
      toolChoice: 'any' in choice || 'tool' in choice ? 'required' : 'auto',
      jsonSchema: null,
      maxTokens: Number(objectOf(body['inferenceConfig'])['maxTokens'] ?? Number.NaN) || null,
    };
  },

  answer(_call: NeutralCall, answer: Answer) {
    const text = answer.pieces.join('');
    const calls = answer.toolCalls.map((call, nth) => ({
      toolUse: { ...toolUse(call, nth), input: objectOf(call.input) },
    }));
    return {
      output: { message: { role: 'assistant', content: [...(text ? [{ text }] : []), ...calls] } },
      stopReason: STOP[answer.finish],
      ...ending(answer),
    };
  },

  events(_call: NeutralCall, answer: Answer): StreamEvent[] {
    const named = (event: string, data: Json, isText = false): StreamEvent => ({ event, data, isText });
    const events = [named('messageStart', { role: 'assistant' })];
    let contentBlockIndex = 0;
    for (const text of answer.pieces) {
      events.push(named('contentBlockDelta', { contentBlockIndex, delta: { text } }, true));
    }
    if (answer.pieces.length > 0) events.push(named('contentBlockStop', { contentBlockIndex }));
    answer.toolCalls.forEach((call, nth) => {
      contentBlockIndex += 1;
      const json = argumentText(call.input);
      const half = Math.ceil(json.length / 2);
      events.push(named('contentBlockStart', { contentBlockIndex, start: { toolUse: toolUse(call, nth) } }));
      for (const input of [json.slice(0, half), json.slice(half)]) {
        events.push(named('contentBlockDelta', { contentBlockIndex, delta: { toolUse: { input } } }));
      }
      events.push(named('contentBlockStop', { contentBlockIndex }));
    });
    if (answer.silentEnd) return events;
    events.push(named('messageStop', { stopReason: STOP[answer.finish] }));
    return [...events, named('metadata', ending(answer))];
  },

  encode({ event = '', data }: StreamEvent): Buffer {
    const isException = event === EXCEPTION;
    const kind = isException ? ':exception-type' : ':event-type';
    return eventStreamFrame(
      {
        [kind]: event,
        ':content-type': 'application/json',
        ':message-type': isException ? 'exception' : 'event',
      },
      data,
    );
  },

  error: (_status: number, message: string) => ({ message }),

  errorEvent: (message: string) => ({ event: EXCEPTION, data: { message } }),

  models: () => ({ message: 'There is no such operation at this address.' }),
};

/** A bearer key; of a signed request the key's id, which is no secret: what signs never travels. */
function keyOf(authorization: string): string | null {
  const [, bearer] = /^Bearer (.+)$/.exec(authorization) ?? [];
  const [, id] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(authorization) ?? [];
  return bearer ?? id ?? null;
}

function toolUse(call: Answer['toolCalls'][number], nth: number) {
  return { toolUseId: call.id ?? `tooluse_${nth + 1}`, name: call.name };
}

function hasText({ content }: Json): boolean {
  return arrayOf(content).some((part) => 'text' in part);
}

function ending({ usage: { input, output } }: Answer): Json {
  const usage = { inputTokens: input, outputTokens: output, totalTokens: input + output };
  return { usage, metrics: { latencyMs: 1 } };
}
