import type { AgentSpec } from './agent-spec.js';
import { NO_TOKENS, type TokenUse } from './cost.js';

/** Characters per token, on average, over English prose and code; vendors bill cut-off calls without saying for how much. */
const CHARS_PER_TOKEN = 4;

/** About how many tokens so many characters are. */
export function tokensIn(characters: number): number {
  return Math.ceil(characters / CHARS_PER_TOKEN);
}

/** A guess at the tokens of a call that was cut off before its vendor reported them, from what was sent and the characters received. */
export function estimatedTokens(
  agent: Pick<AgentSpec, 'system' | 'messages' | 'continued'>,
  received: number,
): TokenUse {
  const sent =
    (agent.system?.length ?? 0) +
    agent.messages.reduce((sum, message) => sum + lengthOf(message), 0) +
    (agent.continued ? JSON.stringify(agent.continued).length : 0);
  return {
    ...NO_TOKENS,
    inputTokens: tokensIn(sent),
    outputTokens: tokensIn(received),
  };
}

function lengthOf(message: AgentSpec['messages'][number]): number {
  const isText = message.role === 'user' || (message.role === 'assistant' && !message.toolCalls);
  return isText ? message.content.length : JSON.stringify(message).length;
}
