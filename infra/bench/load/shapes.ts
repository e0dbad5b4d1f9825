/** The calls that are measured, and how the fake vendor answers them. One text for every contender. */

/** How an answer is streamed: so many chunks, so many milliseconds apart. The first comes with the headers. */
export interface StreamShape {
  chunks: number;
  gapMs: number;
}

export const MODEL = 'gpt-4.1-mini';
/** What the vendor takes for a key of its own; anything else is a 401, which fails the run. */
export const VENDOR_KEY = 'sk-bench-0123456789abcdef0123456789abcdef';
const WORDS = 'The quick brown fox jumps over the lazy dog while the gateway counts its microseconds. ';

/** A chat completion of about so many bytes. */
export function callBody(bytes: number, stream?: StreamShape): string {
  const build = (content: string) =>
    JSON.stringify({
      model: MODEL,
      ...(stream && { user: `${stream.chunks}x${stream.gapMs}`, stream: true }),
      messages: [
        { role: 'system', content: 'You are terse.' },
        { role: 'user', content },
      ],
      max_tokens: 256,
      temperature: 0.2,
    });
  const room = bytes - build('').length;
  return build(WORDS.repeat(Math.ceil(room / WORDS.length)).slice(0, room));
}

/** What the vendor answers, of about 1 KB, as OpenAI words it. */
export const ANSWER = JSON.stringify({
  id: 'chatcmpl-bench0123456789',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: WORDS.repeat(7), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    ...{ prompt_tokens: 220, completion_tokens: 130, total_tokens: 350 },
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_bench',
});

function event(delta: object, finish: string | null, more: object = {}): string {
  const chunk = {
    ...{ id: 'chatcmpl-bench0123456789', object: 'chat.completion.chunk', created: 1_790_000_000 },
    ...{ model: MODEL, system_fingerprint: 'fp_bench' },
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...more,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

export const FIRST_EVENT = event({ role: 'assistant', content: '' }, null);
/** Ordinary words, none the same as the one before. */
export const TEXT_EVENTS = WORDS.trim()
  .split(' ')
  .map((word) => event({ content: ` ${word}` }, null));
export const LAST_EVENTS =
  event({}, 'stop') +
  `data: ${JSON.stringify({
    ...{ id: 'chatcmpl-bench0123456789', object: 'chat.completion.chunk', created: 1_790_000_000 },
    ...{ model: MODEL, choices: [] },
    usage: { prompt_tokens: 220, completion_tokens: 130, total_tokens: 350 },
  })}\n\n` +
  'data: [DONE]\n\n';
