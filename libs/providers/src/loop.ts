import { isStepCount, streamText, type TextStreamPart, type ToolSet } from 'ai';
import { modelClient } from './clients.js';
import { secretsOf } from './endpoint.js';
import { LoopState } from './loop-state.js';
import type { AgentLoopOptions, LoopEvent } from './loop-types.js';
import { hasStopped, prepareStep, stopCondition } from './loop-steps.js';
import { modelMessages } from './messages.js';
import { Scrubber } from './scrubber.js';
import { outputPlan, type OutputPlan } from './structured-output.js';
import { errorText, repairToolCall, toolSet } from './tools.js';
import { mapUpstreamError, silentEnd, upstreamRequestId } from './upstream-errors.js';
import { loopUsage } from './usage.js';

const DEFAULT_MAX_STEPS = 20;

/**
 * Runs a model with tools until it stops calling them, `maxSteps` is reached, `stopWhen` says so, or it calls a tool of the caller's own
 * (PRODUCT #33). Streams from the upstream in every case; nothing is retried. Ending the iteration early aborts the call.
 *
 * @throws ClavigerError (see `mapUpstreamError`), output_invalid when the answer is not what `output` asked for; when
 *   `signal` aborts, its reason if that is an error of ours, else run_cancelled. Events until then have been given out.
 */
export async function* runAgentLoop(options: AgentLoopOptions): AsyncGenerator<LoopEvent, void, undefined> {
  const { endpoint, model } = options;
  const scrubber = options.scrubber ?? new Scrubber(secretsOf(endpoint));
  const state = new LoopState(scrubber);
  const plan = outputPlan(options.output);
  const stopped = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopped.signal]) : stopped.signal;
  try {
    for await (const part of start(options, scrubber, plan, signal)) {
      yield* eventsOf(part, { state, scrubber, provider: endpoint.provider, signal });
    }
    if (state.steps.length === 0) throw silentEnd(endpoint.provider);
    const own = new Set(options.tools?.filter((tool) => !tool.execute).map((tool) => tool.name));
    const maxSteps = options.maxSteps ?? DEFAULT_MAX_STEPS;
    const isStopped = await hasStopped(state, options);
    yield state.finished(plan.read, (name) => own.has(name), { maxSteps, isStopped });
  } catch (error) {
    throw mapUpstreamError(error, { scrubber, provider: endpoint.provider, model });
  } finally {
    stopped.abort();
  }
}

function start(
  options: AgentLoopOptions,
  scrubber: Scrubber,
  plan: OutputPlan,
  abortSignal: AbortSignal,
): AsyncIterable<TextStreamPart<ToolSet>> {
  const tools = options.tools ?? [];
  const isPrompted = options.structuredOutput === 'prompted';
  const instructions = isPrompted && plan.instruction ? [options.system, plan.instruction] : [options.system];
  const client = modelClient(options.endpoint, options.model);
  return streamText({
    model: client,
    instructions: instructions.filter((part) => part).join('\n\n') || undefined,
    messages: modelMessages(options.messages),
    ...(tools.length > 0 ? { tools: toolSet(tools, scrubber) } : {}),
    stopWhen: [isStepCount(options.maxSteps ?? DEFAULT_MAX_STEPS), stopCondition(options, scrubber)],
    prepareStep: prepareStep(options, client),
    repairToolCall,
    ...(plan.spec && !isPrompted ? { output: plan.spec } : {}),
    temperature: options.temperature,
    maxOutputTokens: options.maxOutputTokens,
    abortSignal,
    maxRetries: 0,
    // Without it OpenAI refuses schemas that are not written in its strict subset; ours are checked here anyway.
    providerOptions: { openai: { strictJsonSchema: false } },
    // Prompts hold text only and answers are not fetched: the guarded fetch is the one way out.
    experimental_download: async (files) => {
      if (files.length > 0) throw new Error('downloads are not allowed');
      return [];
    },
    // The error comes as a part of the stream as well; the default would print it, bodies included.
    onError: () => undefined,
  }).fullStream;
}

interface Listening {
  state: LoopState;
  scrubber: Scrubber;
  provider: string;
  signal: AbortSignal;
}

function* eventsOf(
  part: TextStreamPart<ToolSet>,
  { state, scrubber, provider, signal }: Listening,
): Generator<LoopEvent> {
  switch (part.type) {
    case 'start-step':
      yield state.stepStarted();
      return;
    case 'text-delta':
      yield* state.text(part.text);
      return;
    case 'text-end':
      yield* state.flush();
      return;
    case 'tool-call':
      yield* state.flush();
      yield state.toolCall(part.toolCallId, part.toolName, part.input);
      return;
    case 'tool-result':
      yield state.toolResult(part.toolCallId, part.toolName, part.output, null);
      return;
    case 'tool-error':
      yield state.toolResult(part.toolCallId, part.toolName, null, errorText(part.error));
      return;
    case 'finish-step':
      yield* state.flush();
      if (part.rawFinishReason === undefined || part.finishReason === 'error') throw silentEnd(provider);
      yield state.stepFinished(
        part.finishReason,
        loopUsage(part.usage),
        upstreamRequestId(part.response.headers, scrubber),
        part.response.modelId,
      );
      return;
    case 'error':
      yield* state.flush();
      throw part.error;
    case 'abort':
      throw signal.reason;
    default:
      // Reasoning, sources, files and life signs are not part of an Agent node's answer.
      return;
  }
}
