import type { IncomingHttpHeaders } from 'node:http';
import { arrayOf, objectOf, textOf, type Json } from './json.js';
import type { Answer, NeutralCall, StreamEvent, VendorWire } from './types.js';

/** Gemini generateContent and streamGenerateContent, as ai.google.dev/api/generate-content describes them. */
export const geminiWire: VendorWire = {
  vendor: 'gemini',
  requestIdHeader: 'x-request-id',

  parse(url: URL, headers: IncomingHttpHeaders, body: Json): NeutralCall {
    const [, model, operation] = /\/models\/([^:]+):(\w+)$/.exec(url.pathname) ?? [];
    const contents = arrayOf(body['contents']);
    const last = arrayOf(contents.at(-1)?.['parts']);
    const config = objectOf(body['generationConfig']);
    const mode = objectOf(objectOf(body['toolConfig'])['functionCallingConfig'])['mode'];
    const isJson = config['responseMimeType'] === 'application/json';
    return {
      vendor: 'gemini',
      model: decodeURIComponent(model ?? ''),
      stream: operation === 'streamGenerateContent',
      // Gemini in a cloud is called with a bearer token.
      key:
        [headers['x-goog-api-key']].flat()[0] ??
        /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ??
        null,
      system: textOf(objectOf(body['systemInstruction'])['parts']),
      lastUserText: textOf(
        contents.findLast((c) => c['role'] === 'user' && textOf(c['parts']) !== '')?.['parts'],
      ),
      tools: arrayOf(body['tools']).flatMap((tool) =>
        arrayOf(tool['functionDeclarations']).map((fn) => ({
          name: String(fn['name']),
          schema: objectOf(fn['parameters'] ?? fn['parametersJsonSchema']),
        })),
      ),
      toolResults: last
        .filter((part) => part['functionResponse'] !== undefined)
        .map((part) => JSON.stringify(objectOf(part['functionResponse'])['response'])),
      toolChoice: mode === 'NONE' ? 'none' : mode === 'ANY' ? 'required' : 'auto',
      jsonSchema: isJson ? objectOf(config['responseSchema'] ?? config['responseJsonSchema']) : null,
      maxTokens: Number(config['maxOutputTokens'] ?? Number.NaN) || null,
    };
  },

  answer: (call: NeutralCall, answer: Answer) =>
    chunk(call, answer, [...texts(answer.pieces), ...functionCalls(answer)], answer.finish),

  events(call: NeutralCall, answer: Answer): StreamEvent[] {
    const events: StreamEvent[] = answer.pieces.map((piece) => ({
      data: chunk(call, answer, texts([piece]), null),
      isText: true,
    }));
    const calls = functionCalls(answer);
    if (answer.silentEnd) return events;
    return [...events, { data: chunk(call, answer, calls.length > 0 ? calls : texts(['']), answer.finish) }];
  },

  error: (status: number, message: string) => ({
    // Gemini refuses a wrong key with 400 and this reason.
    error: {
      code: status,
      message,
      status: STATUS[status] ?? 'INTERNAL',
      ...(status === 400 || status === 401
        ? { details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }] }
        : {}),
    },
  }),

  errorEvent: (message: string) => ({ data: { error: { code: 500, message, status: 'INTERNAL' } } }),

  models: (ids: string[]) => ({
    models: ids.map((id) => ({
      name: `models/${id}`,
      displayName: id,
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
    })),
  }),
};

const STATUS: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

function chunk(call: NeutralCall, answer: Answer, parts: Json[], finish: Answer['finish'] | null) {
  const { input, output, cached = 0, reasoning = 0 } = answer.usage;
  return {
    candidates: [
      {
        content: { role: 'model', parts },
        index: 0,
        ...(finish ? { finishReason: finish === 'length' ? 'MAX_TOKENS' : 'STOP' } : {}),
      },
    ],
    usageMetadata: {
      promptTokenCount: input,
      candidatesTokenCount: output - reasoning,
      thoughtsTokenCount: reasoning,
      cachedContentTokenCount: cached,
      totalTokenCount: input + output,
    },
    modelVersion: call.model,
    responseId: 'gemini-fake',
  };
}

function texts(pieces: string[]): Json[] {
  return pieces.length > 0 ? [{ text: pieces.join('') }] : [];
}

function functionCalls(answer: Answer): Json[] {
  return answer.toolCalls.map((call) => ({ functionCall: { name: call.name, args: objectOf(call.input) } }));
}
