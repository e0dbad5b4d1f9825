import type { LoopUsage, NeutralFinish } from '#lib/providers';
import { frame, type SaidAnswer, type SaidCall, type Speaker, type SpeakerOptions } from './speaker.js';

const REASONS: Record<NeutralFinish, string> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  other: 'OTHER',
};

/** GenerateContent. */
export function geminiSpeaker({ id, model }: SpeakerOptions): Speaker {
  const about = { modelVersion: model, responseId: id };
  const candidate = (parts: object[], finish?: NeutralFinish) => ({
    content: { role: 'model', parts },
    ...(finish && { finishReason: REASONS[finish] }),
    index: 0,
  });
  return {
    begin: () => '',
    text: (text) => frame({ candidates: [candidate([{ text }])], ...about }),
    call: (call) => frame({ candidates: [candidate([callOf(call)])], ...about }),
    end: (reason, usage) =>
      frame({ candidates: [candidate([{ text: '' }], reason)], usageMetadata: usageOf(usage), ...about }),
    whole: ({ text, calls, reason, usage }: SaidAnswer) => ({
      candidates: [candidate([...(text === '' ? [] : [{ text }]), ...calls.map(callOf)], reason)],
      usageMetadata: usageOf(usage),
      ...about,
    }),
  };
}

function callOf({ id, name, input }: SaidCall) {
  return { functionCall: { id, name, args: input } };
}

/** Thoughts stand beside the answer's tokens on this wire. */
function usageOf({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }: LoopUsage) {
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: Math.max(0, outputTokens - reasoningTokens),
    thoughtsTokenCount: reasoningTokens,
    cachedContentTokenCount: cachedInputTokens,
    totalTokenCount: inputTokens + outputTokens,
  };
}
