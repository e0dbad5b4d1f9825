import type { LoopEnd, LoopEvent, LoopStep, LoopToolCall, LoopUsage } from './loop-types.js';
import type { Scrubber, ScrubberStream } from './scrubber.js';
import { addUsage, noUsage } from './usage.js';

/** What a loop has seen so far; makes its events, each scrubbed. */
export class LoopState {
  readonly steps: LoopStep[] = [];
  #step = 0;
  #text = '';
  #toolCalls: LoopToolCall[] = [];
  /** One for the whole run: a key that is spread over blocks and steps of text is one key. */
  readonly #stream: ScrubberStream;

  constructor(private readonly scrubber: Scrubber) {
    this.#stream = scrubber.stream();
  }

  stepStarted(): LoopEvent {
    this.#step += 1;
    this.#text = '';
    this.#toolCalls = [];
    return { type: 'step.started', step: this.#step };
  }

  text(delta: string): LoopEvent[] {
    return this.#delta(this.#stream.push(delta));
  }

  /** Text that was held back because it might have been the beginning of a secret. */
  flush(): LoopEvent[] {
    return this.#delta(this.#stream.flush());
  }

  /** Ids and names are the upstream's words too: it may call a tool that nobody offered. */
  toolCall(rawId: string, rawName: string, rawInput: unknown): LoopEvent {
    const [toolCallId, name] = [this.scrubber.text(rawId), this.scrubber.text(rawName)];
    const input = this.scrubber.value(rawInput);
    this.#toolCalls.push({ toolCallId, name, input, output: null, error: null });
    return { type: 'tool.call', step: this.#step, toolCallId, name, input };
  }

  toolResult(rawId: string, rawName: string, rawOutput: unknown, rawError: string | null): LoopEvent {
    const [toolCallId, name] = [this.scrubber.text(rawId), this.scrubber.text(rawName)];
    const output = this.scrubber.value(rawOutput);
    const error = rawError === null ? null : this.scrubber.text(rawError);
    const call = this.#toolCalls.find((candidate) => candidate.toolCallId === toolCallId);
    if (call) Object.assign(call, { output, error });
    return { type: 'tool.result', step: this.#step, toolCallId, name, output, error };
  }

  stepFinished(finishReason: string, usage: LoopUsage, requestId: string | null, model?: string): LoopEvent {
    const step: LoopStep = {
      step: this.#step,
      text: this.#text,
      toolCalls: this.#toolCalls,
      finishReason,
      usage,
      upstreamRequestId: requestId,
    };
    this.steps.push(step);
    return { type: 'step.finished', model: model === undefined ? null : this.scrubber.text(model), ...step };
  }

  finished(
    read: (text: string) => unknown,
    isOwnTool: (name: string) => boolean,
    { maxSteps, isStopped }: { maxSteps: number; isStopped: boolean },
  ): LoopEvent {
    const last = this.steps.at(-1);
    const pendingToolCalls = (last?.toolCalls ?? []).filter(
      (call) => isOwnTool(call.name) && call.error === null,
    );
    const wantedMore = (last?.toolCalls.length ?? 0) > 0;
    const end = endOf(wantedMore, isStopped, pendingToolCalls.length > 0, this.steps.length >= maxSteps);
    const text = last?.text ?? '';
    return {
      type: 'finished',
      text,
      output: end === 'model' ? read(text) : null,
      end,
      finishReason: last?.finishReason ?? 'other',
      steps: this.steps,
      usage: this.steps.reduce((sum, step) => addUsage(sum, step.usage), noUsage()),
      pendingToolCalls,
    };
  }

  #delta(delta: string): LoopEvent[] {
    if (delta === '') return [];
    this.#text += delta;
    return [{ type: 'text.delta', step: this.#step, delta }];
  }
}

function endOf(wantedMore: boolean, isStopped: boolean, isPending: boolean, isUsedUp: boolean): LoopEnd {
  if (!wantedMore) return 'model';
  if (isStopped) return 'stopped';
  if (isPending) return 'client_tools';
  return isUsedUp ? 'max_steps' : 'model';
}
