import type { AgentSpec } from './agent-spec.js';
import { NO_TOKENS, type TokenUse } from './cost.js';

/** Characters per token, on average, over English prose and code; vendors bill cut-off calls without saying for how much. */
const CHARS_PER_TOKEN = 4;

/** A guess at the tokens of a call that was cut off before its vendor reported them, from what was sent and received. */
export function estimatedTokens(agent: AgentSpec, received: string): TokenUse {
  const sent =
    (agent.system?.length ?? 0) + agent.messages.reduce((sum, message) => sum + message.content.length, 0);
  return {
    ...NO_TOKENS,
    inputTokens: Math.ceil(sent / CHARS_PER_TOKEN),
    outputTokens: Math.ceil(received.length / CHARS_PER_TOKEN),
  };
}
