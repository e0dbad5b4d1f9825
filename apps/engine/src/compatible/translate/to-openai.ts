import type { LoopUsage, NeutralFinish } from '#lib/providers';
import { frame, type SaidAnswer, type SaidCall, type Speaker, type SpeakerOptions } from './speaker.js';

const REASONS: Record<NeutralFinish, string> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/** Chat completions. */
export function openaiSpeaker({ id, model, wantsUsage, now }: SpeakerOptions): Speaker {
  const head = { id: `chatcmpl-${id}`, created: Math.floor(now.getTime() / 1_000), model };
  const chunk = (delta: object, finish: string | null = null): string =>
    frame({
      ...head,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  let calls = 0;
  return {
    begin: () => chunk({ role: 'assistant', content: '' }),
    text: (delta) => chunk({ content: delta }),
    call: (call) => chunk({ tool_calls: [{ index: calls++, ...toolCall(call) }] }),
    end: (reason, usage) =>
      chunk({}, REASONS[reason]) +
      (wantsUsage
        ? frame({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(usage) })
        : '') +
      frame('[DONE]'),
    whole: ({ text, calls: called, reason, usage }: SaidAnswer) => ({
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: text === '' && called.length > 0 ? null : text,
            refusal: null,
            ...(called.length > 0 && { tool_calls: called.map(toolCall) }),
          },
          logprobs: null,
          finish_reason: REASONS[reason],
        },
      ],
      usage: usageOf(usage),
    }),
  };
}

function toolCall({ id, name, input }: SaidCall) {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } };
}

function usageOf(usage: LoopUsage) {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}
