import type { TokenUse } from '../../pipeline/cost.js';
import { countAt, isObject, objectAt, textAt, type Json } from '../body/json-walk.js';
import { UsageWatch, type UsageForm } from '../relay/usage-watch.js';

/** Chat completions and embeddings: the answer's own `usage`, in a stream that of the last event which has one. */
const CHAT: UsageForm = {
  member: 'usage',
  texts: ['"content":"', '"arguments":"', '"reasoning_content":"'],
  tokens: (_, last) => (isObject(last) && isObject(last['usage']) ? chatTokens(last['usage']) : null),
  model: (_, last) => textAt(last, 'model'),
  modelMember: 'model',
};

/** Responses: `usage` of the answer, in a stream within the `response` of its last event. */
const RESPONSES: UsageForm = {
  member: 'usage',
  texts: ['"delta":"'],
  tokens: (_, last) => {
    const usage = objectAt(objectAt(last, 'response'), 'usage');
    const own = objectAt(last, 'usage');
    return 'input_tokens' in usage
      ? responsesTokens(usage)
      : 'input_tokens' in own
        ? responsesTokens(own)
        : null;
  },
  model: (_, last) => textAt(objectAt(last, 'response'), 'model') ?? textAt(last, 'model'),
  modelMember: 'model',
};

export function chatUsage(): UsageWatch {
  return new UsageWatch(CHAT);
}

export function responsesUsage(): UsageWatch {
  return new UsageWatch(RESPONSES);
}

function chatTokens(usage: Json): Partial<TokenUse> {
  const inputTokens = countAt(usage, 'prompt_tokens') ?? 0;
  const said = countAt(usage, 'completion_tokens') ?? 0;
  // Some vendors leave reasoning out of the completion; the total has it.
  const outputTokens = Math.max(said, (countAt(usage, 'total_tokens') ?? 0) - inputTokens);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: countAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens') ?? 0,
    reasoningTokens: countAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens') ?? 0,
  };
}

function responsesTokens(usage: Json): Partial<TokenUse> {
  return {
    inputTokens: countAt(usage, 'input_tokens') ?? 0,
    outputTokens: countAt(usage, 'output_tokens') ?? 0,
    cachedInputTokens: countAt(objectAt(usage, 'input_tokens_details'), 'cached_tokens') ?? 0,
    reasoningTokens: countAt(objectAt(usage, 'output_tokens_details'), 'reasoning_tokens') ?? 0,
  };
}
