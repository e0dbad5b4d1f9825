import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider';
import { modelClient } from '../clients.js';
import type { ModelEndpoint } from '../endpoint.js';
import type { LoopUsage } from '../loop-types.js';
import type { Scrubber } from '../scrubber.js';
import { mapUpstreamError, silentEnd, upstreamRequestId } from '../upstream-errors.js';
import { refuseOmissions } from './omissions.js';
import { callOptions } from './prompt.js';
import type { NeutralEvent, NeutralFinish, NeutralRequest } from './types.js';

export interface TranslatedCall {
  endpoint: ModelEndpoint;
  model: string;
  request: NeutralRequest;
  scrubber: Scrubber;
  signal: AbortSignal;
}

/**
 * One call of one model through its vendor's client, told in neutral events. Secrets are taken out of everything that is told.
 * Throws ClavigerError: what the vendor's wire has no word for (validation_failed), and what the upstream failed with.
 */
export async function* translatedCall(call: TranslatedCall): AsyncGenerator<NeutralEvent, void> {
  const { endpoint, model, scrubber } = call;
  const context = { scrubber, provider: endpoint.provider, model };
  try {
    yield* told(call);
  } catch (error) {
    call.signal.throwIfAborted();
    throw mapUpstreamError(error, context);
  }
}

async function* told({
  endpoint,
  model,
  request,
  scrubber,
  signal,
}: TranslatedCall): AsyncGenerator<NeutralEvent, void> {
  const client = modelClient(endpoint, model);
  if (client.specificationVersion !== 'v4') throw new Error('a client of another generation');
  const { stream, response } = await client.doStream({ ...callOptions(request), abortSignal: signal });
  const requestId = upstreamRequestId(response?.headers, scrubber);
  let text = scrubber.stream();
  let answered: string | undefined;
  let calls = 0;
  for await (const part of stream) {
    if (part.type === 'response-metadata') answered = part.modelId ?? answered;
    if (part.type === 'text-delta') yield { type: 'text', delta: text.push(part.delta) };
    if (part.type === 'text-end') {
      yield { type: 'text', delta: text.flush() };
      text = scrubber.stream();
    }
    if (part.type === 'finish') {
      yield { type: 'text', delta: text.flush() };
      const usage = usageOf(part.usage);
      yield {
        type: 'finished',
        reason: finishOf(part.finishReason.unified),
        usage,
        upstreamRequestId: requestId,
        model: answered === undefined ? null : scrubber.text(answered),
      };
      return;
    }
    // Where one call was asked for and the vendor has no word for that, what else it calls was not asked for.
    if (part.type === 'tool-call' && (calls += 1) > 1 && request.oneCall) continue;
    yield* other(part, scrubber);
  }
  throw silentEnd(endpoint.provider);
}

function* other(part: LanguageModelV4StreamPart, scrubber: Scrubber): Generator<NeutralEvent, void> {
  if (part.type === 'error') throw part.error;
  if (part.type === 'stream-start') refuseOmissions(part.warnings);
  if (part.type !== 'tool-call') return;
  const input = scrubber.value(parsed(part.input));
  yield { type: 'toolCall', id: scrubber.text(part.toolCallId), name: scrubber.text(part.toolName), input };
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input === '' ? '{}' : input) as unknown;
  } catch {
    return input;
  }
}

function usageOf({ inputTokens, outputTokens }: LanguageModelV4Usage): LoopUsage {
  const [input, output] = [inputTokens.total ?? 0, outputTokens.total ?? 0];
  return {
    inputTokens: input,
    outputTokens: output,
    cachedInputTokens: inputTokens.cacheRead ?? 0,
    reasoningTokens: outputTokens.reasoning ?? 0,
    totalTokens: input + output,
  };
}

function finishOf(reason: string): NeutralFinish {
  switch (reason) {
    case 'stop':
    case 'length':
    case 'tool-calls':
    case 'content-filter':
      return reason;
    default:
      return 'other';
  }
}
