/** Answers in the shapes that the vendors' documentation records, with what a re-writer would lose: spacing, escapes, numbers, order. */
export interface Recorded {
  /** Of the operation. */
  id: string;
  path: string;
  body: object;
  answer: string;
  isStream: boolean;
}

const event = (data: string, name?: string, end = '\n') =>
  `${name === undefined ? '' : `event: ${name}${end}`}data: ${data}${end}${end}`;
const CHAT = { model: 'gpt-4.1-mini', messages: [{ role: 'user', content: 'Hi.' }] };
const MESSAGES = { ...CHAT, model: 'claude-haiku-4-5', max_tokens: 50 };
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Hi.' }] }] };
const GEMINI = '/gemini/v1beta/models/gemini-2.5-flash';
const EMBEDDING = '/gemini/v1beta/models/gemini-embedding-001';
const TEXT = 'Gr\\u00fc\\u00dfe \\ud83d\\ude42, "1.0" \\/ </script>\\n';

const chatStream = [
  ': a comment of the vendor\n\n',
  event('{"id":"c","created":1700000000, "choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}'),
  event(
    `{"id":"c","choices":[{"index":0,"delta":{"content":"${TEXT.replaceAll('"1.0"', '1.0')}"},"logprobs":null}],"odd":1.0}`,
  ),
  event(
    '{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"w","arguments":"{\\"a\\": "}}]}}]}',
    undefined,
    '\r\n',
  ),
  event(
    '{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"1e3}"}}]}}]}',
  ),
  event('{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}'),
  event('{"id":"c","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}'),
  event('[DONE]'),
].join('');

const responsesStream = [
  event(
    '{"type":"response.created","sequence_number":0,"response":{"id":"r","output":[],"usage":null}}',
    'response.created',
  ),
  event(
    '{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"I think"}',
    'response.reasoning_summary_text.delta',
  ),
  event(
    '{"type":"response.output_text.delta","item_id":"m","output_index":1,"content_index":0,"delta":"Grüße 🙂","obfuscation":"xQ"}',
    'response.output_text.delta',
  ),
  event(
    '{"type":"response.output_text.done","item_id":"m","output_index":1,"content_index":0,"text":"Grüße 🙂"}',
    'response.output_text.done',
  ),
  event(
    '{"type":"response.function_call_arguments.delta","item_id":"f","output_index":2,"delta":"{\\"x\\":1}"}',
    'response.function_call_arguments.delta',
  ),
  event(
    '{"type":"response.completed","sequence_number":9,"response":{"id":"r","usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}}',
    'response.completed',
  ),
].join('');

const messagesStream = [
  event(
    '{"type":"message_start","message":{"id":"m","model":"claude","content":[],"usage":{"input_tokens":7,"output_tokens":1}}}',
    'message_start',
  ),
  event('{"type": "ping"}', 'ping'),
  event(
    '{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}',
    'content_block_delta',
  ),
  event(
    '{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b=="}}',
    'content_block_delta',
  ),
  event('{"type":"content_block_stop","index":0       }', 'content_block_stop'),
  event(
    '{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Grüße\\n🙂"}   }',
    'content_block_delta',
  ),
  event(
    '{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"location\\": \\"Ro"}}',
    'content_block_delta',
  ),
  event(
    '{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":5}}',
    'message_delta',
  ),
  event('{"type":"message_stop"}', 'message_stop'),
].join('');

const geminiStream = [
  event(
    '{"candidates": [{"content": {"parts": [{"text": "Grüße 🙂","thoughtSignature": "CiIB"}],"role": "model"}}],"usageMetadata": {"promptTokenCount": 7}}',
    undefined,
    '\r\n',
  ),
  event(
    '{"candidates": [{"content": {"parts": [{"functionCall": {"name": "w","args": {"a": 1.0}}}]},"finishReason": "STOP"}],"usageMetadata": {"promptTokenCount": 7,"candidatesTokenCount": 5,"totalTokenCount": 12}}',
    undefined,
    '\r\n',
  ),
].join('');

export const RECORDED: readonly Recorded[] = [
  {
    ...{ id: 'openai.chatCompletions', path: '/v1/chat/completions', body: CHAT, isStream: false },
    answer: `{\n  "id": "c",  "choices":[{"index":0,"message":{"role":"assistant","content":"${TEXT.replaceAll('"', '\\"')}"},"finish_reason":"stop"}],\n "usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}, "odd": 1.0e0 }\n`,
  },
  {
    ...{ id: 'openai.chatCompletions', path: '/v1/chat/completions', isStream: true, answer: chatStream },
    body: { ...CHAT, stream: true, stream_options: { include_usage: true } },
  },
  {
    ...{ id: 'openai.responses', path: '/v1/responses', isStream: false },
    body: { model: 'gpt-4.1-mini', input: 'Hi.' },
    answer:
      '{"id":"r","object":"response","output":[{"type":"web_search_call","id":"ws"},{"type":"message","content":[{"type":"output_text","text":"Gr\\u00fc\\u00dfe"}]}],\n"usage":{"input_tokens":7,"output_tokens":5,"total_tokens":12}}',
  },
  {
    ...{ id: 'openai.responses', path: '/v1/responses', isStream: true, answer: responsesStream },
    body: { model: 'gpt-4.1-mini', input: 'Hi.', stream: true },
  },
  {
    ...{ id: 'openai.embeddings', path: '/v1/embeddings', isStream: false },
    body: { model: 'text-embedding-3-small', input: 'Hi.' },
    answer:
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.0,1e-7,0.10000000149011612]},{"index":1,"embedding":"AACAPw=="}],"model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}',
  },
  {
    ...{ id: 'anthropic.messages', path: '/anthropic/v1/messages', body: MESSAGES, isStream: false },
    answer:
      '{"id":"m","type":"message","content":[{"type":"thinking","thinking":"Hm.","signature":"Eq=="},{"type":"text","text":"Gr\\u00fc\\u00dfe \\/"}],"usage":{"input_tokens":7,"output_tokens":5}}',
  },
  {
    ...{ id: 'anthropic.messages', path: '/anthropic/v1/messages', isStream: true, answer: messagesStream },
    body: { ...MESSAGES, stream: true },
  },
  {
    ...{ id: 'anthropic.countTokens', path: '/anthropic/v1/messages/count_tokens', isStream: false },
    body: { model: MESSAGES.model, messages: MESSAGES.messages },
    answer: '{ "input_tokens" : 2095 }\n',
  },
  {
    ...{ id: 'gemini.generateContent', path: `${GEMINI}:generateContent`, body: CONTENTS, isStream: false },
    answer:
      '{\n  "candidates": [\n    {\n      "content": {"parts": [{"text": "Gr\\u00fc\\u00dfe"}]}\n    }\n  ],\n  "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5}\n}\n',
  },
  {
    ...{ id: 'gemini.streamGenerateContent', path: `${GEMINI}:streamGenerateContent?alt=sse` },
    ...{ body: CONTENTS, isStream: true, answer: geminiStream },
  },
  {
    ...{ id: 'gemini.embedContent', path: `${EMBEDDING}:embedContent`, isStream: false },
    body: { content: { parts: [{ text: 'Hi.' }] } },
    answer: '{\n  "embedding": {\n    "values": [\n      0.013168523,\n      -0.0\n    ]\n  }\n}\n',
  },
  {
    ...{ id: 'gemini.batchEmbedContents', path: `${EMBEDDING}:batchEmbedContents`, isStream: false },
    body: { requests: [{ model: 'models/gemini-embedding-001', content: { parts: [{ text: 'Hi.' }] } }] },
    answer: '{ "embeddings": [ { "values": [ 1e-7 ] } ], "usageMetadata": {"promptTokenCount": 7} }',
  },
  {
    ...{ id: 'gemini.countTokens', path: `${GEMINI}:countTokens`, body: CONTENTS, isStream: false },
    answer: '{\n  "totalTokens": 31,\n  "promptTokensDetails": [{"modality": "TEXT","tokenCount": 31}]\n}\n',
  },
];
