import type { LoopUsage, NeutralFinish } from '#lib/providers';
import { frame, type SaidAnswer, type Speaker, type SpeakerOptions } from './speaker.js';

const REASONS: Record<NeutralFinish, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'end_turn',
};

/** Messages. What the input was is known at the end alone: the last event says it. */
export function anthropicSpeaker({ id, model }: SpeakerOptions): Speaker {
  const message = { id: `msg_${id}`, type: 'message', role: 'assistant', model };
  const say = (type: string, data: object): string => frame({ type, ...data }, type);
  let index = -1;
  let isText = false;
  const stop = (): string => {
    if (index < 0 || !isText) return '';
    isText = false;
    return say('content_block_stop', { index });
  };
  const start = (block: object): string =>
    say('content_block_start', { index: (index += 1), content_block: block });
  return {
    begin: () =>
      say('message_start', {
        message: {
          ...message,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      }),
    text: (text) => {
      const begun = isText ? '' : start({ type: 'text', text: '' });
      isText = true;
      return begun + say('content_block_delta', { index, delta: { type: 'text_delta', text } });
    },
    call: ({ id: call, name, input }) =>
      stop() +
      start({ type: 'tool_use', id: call, name, input: {} }) +
      say('content_block_delta', {
        index,
        delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      }) +
      say('content_block_stop', { index }),
    end: (reason, usage) =>
      stop() +
      say('message_delta', {
        delta: { stop_reason: REASONS[reason], stop_sequence: null },
        usage: usageOf(usage),
      }) +
      say('message_stop', {}),
    whole: ({ text, calls, reason, usage }: SaidAnswer) => ({
      ...message,
      content: [
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...calls.map(({ id: call, name, input }) => ({ type: 'tool_use', id: call, name, input })),
      ],
      stop_reason: REASONS[reason],
      stop_sequence: null,
      usage: usageOf(usage),
    }),
  };
}

/** On this wire the cached part of the input stands beside the rest of it. */
function usageOf({ inputTokens, cachedInputTokens, outputTokens }: LoopUsage) {
  return {
    input_tokens: Math.max(0, inputTokens - cachedInputTokens),
    cache_read_input_tokens: cachedInputTokens,
    cache_creation_input_tokens: 0,
    output_tokens: outputTokens,
  };
}
