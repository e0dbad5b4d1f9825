import { ClavigerError } from '#lib/contracts';
import type { ModelEndpoint } from './endpoint.js';
import { runAgentLoop } from './loop.js';

export interface PingResult {
  latencyMs: number;
  upstreamRequestId: string | null;
}

/** Reasoning models of OpenAI answer so when one token is not enough to think: the key and the model are fine. */
const ONE_TOKEN_WAS_TOO_FEW = /max_tokens|max_completion_tokens|output limit/i;

/**
 * Asks the model for one token, over the very path that runs take (PRODUCT #19).
 * @throws ClavigerError as `runAgentLoop` does.
 */
export async function pingModel(
  endpoint: ModelEndpoint,
  model: string,
  signal?: AbortSignal,
): Promise<PingResult> {
  const started = performance.now();
  let upstreamRequestId: string | null = null;
  const messages = [{ role: 'user' as const, content: 'ping' }];
  try {
    for await (const event of runAgentLoop({
      endpoint,
      model,
      messages,
      maxSteps: 1,
      maxOutputTokens: 1,
      signal,
    })) {
      if (event.type === 'step.finished') upstreamRequestId = event.upstreamRequestId;
    }
  } catch (error) {
    if (!(error instanceof ClavigerError) || !isTooFew(error)) throw error;
  }
  return { latencyMs: Math.round(performance.now() - started), upstreamRequestId };
}

function isTooFew(error: ClavigerError): boolean {
  return error.extras?.['upstreamStatus'] === 400 && ONE_TOKEN_WAS_TOO_FEW.test(error.message);
}
