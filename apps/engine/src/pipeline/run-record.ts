import type { ModelPrice, RunApproval, RunStep, RunToolCall, RunUsage, StopReason } from '#lib/contracts';
import { sumUsage, usageOf, type TokenUse } from './cost.js';

/** A model call that began and has not finished: what was received of it is kept (PRODUCT #34). */
interface OpenStep {
  step: number;
  text: string;
  toolCalls: RunToolCall[];
  /** Characters, those that are held back included. */
  received: number;
}

/** Told of one call of a model, where somebody wants to know. */
export interface CallTeller {
  /** `model`: the one that the vendor says it was. */
  ended(reason: string, usage: TokenUse, model: string | null): void;
  failed(code: string): void;
}

interface CallUnderWay {
  startedMs: number;
  teller: CallTeller | undefined;
}

/** What a run has done so far. Knows how to be asked at any moment, since a run may end at any moment. */
export class RunRecord {
  readonly #price: ModelPrice | null;
  readonly #steps: RunStep[] = [];
  #open: OpenStep | undefined;
  #upstreamRequestId: string | null = null;
  /** In their order: the next call of a run may have left before the end of the last one was read. */
  readonly #calls: CallUnderWay[] = [];
  /** Why it ended, once the model is done or was stopped. */
  stopReason: StopReason | undefined;
  /** How long each call took, in seconds, from its being asked for to the end of its answer. */
  readonly callSeconds: number[] = [];

  /** @param tellerOf asked at each call, for who wants to be told of it. */
  constructor(
    price: ModelPrice | null,
    private readonly tellerOf?: () => CallTeller | undefined,
  ) {
    this.#price = price;
  }

  /** A request is about to be made of the vendor. */
  callBegins(): void {
    this.#calls.push({ startedMs: performance.now(), teller: this.tellerOf?.() });
  }

  /** Nothing more comes of what was asked for: every call that has no end by now failed. */
  callsEnd(code: string): void {
    for (const call of this.#calls.splice(0)) {
      this.callSeconds.push((performance.now() - call.startedMs) / 1_000);
      call.teller?.failed(code);
    }
  }

  startStep(step: number): void {
    this.#open = { step, text: '', toolCalls: [], received: 0 };
  }

  addText(delta: string): void {
    if (this.#open) this.#open.text += delta;
  }

  /** Counts what came from upstream, whether it may be told or not. */
  addReceived(characters: number): void {
    if (this.#open) this.#open.received += characters;
  }

  addToolCall(toolCallId: string, name: string, input: unknown): void {
    this.#open?.toolCalls.push({ toolCallId, name, input, output: null, error: null });
  }

  addToolResult(toolCallId: string, output: unknown, error: string | null): void {
    const step = this.#open ?? this.#steps.at(-1);
    const call = step?.toolCalls.find((candidate) => candidate.toolCallId === toolCallId);
    if (call) Object.assign(call, { output, error });
  }

  /** Notes that a call of the last step waits for somebody's word. */
  holdBack(toolCallId: string, approval: RunApproval): void {
    const call = this.#steps.at(-1)?.toolCalls.find((candidate) => candidate.toolCallId === toolCallId);
    if (call) call.approval = approval;
  }

  finishStep(
    finishReason: string,
    tokens: TokenUse,
    upstreamRequestId: string | null = null,
    model: string | null = null,
  ): RunStep | undefined {
    if (!this.#open) return undefined;
    const call = this.#calls.shift();
    if (call) {
      this.callSeconds.push((performance.now() - call.startedMs) / 1_000);
      call.teller?.ended(finishReason, tokens, model);
    }
    this.#upstreamRequestId = upstreamRequestId ?? this.#upstreamRequestId;
    const { inputTokens, outputTokens, cachedInputTokens, reasoningTokens } = tokens;
    const usage = usageOf({ inputTokens, outputTokens, cachedInputTokens, reasoningTokens }, this.#price);
    const { step, text, toolCalls } = this.#open;
    const done = { step, text, toolCalls, finishReason, usage };
    this.#steps.push(done);
    this.#open = undefined;
    return done;
  }

  /** Closes what was cut off, when something had begun or was used. `tokens` is what the caller can say about it. */
  cutOff(tokens: TokenUse): void {
    if (!this.#open && tokens.inputTokens + tokens.outputTokens === 0) return;
    if (!this.#open) this.startStep(this.#steps.length + 1);
    this.finishStep('cut_off', tokens);
  }

  /** The vendor's id of the last call that told one. */
  get upstreamRequestId(): string | null {
    return this.#upstreamRequestId;
  }

  /** Characters of the call that is open. */
  get openReceived(): number {
    return this.#open?.received ?? 0;
  }

  /** Whether not a token of an answer has come yet. */
  get saidNothing(): boolean {
    const isOpenEmpty = !this.#open || (this.#open.received === 0 && this.#open.toolCalls.length === 0);
    return this.#steps.length === 0 && isOpenEmpty;
  }

  /** Takes back everything that was said: nobody may have it. What was used stays. */
  withhold(): void {
    for (const step of [...this.#steps, ...(this.#open ? [this.#open] : [])]) {
      step.text = '';
      for (const call of step.toolCalls)
        Object.assign(call, { input: null, output: null, error: call.error === null ? null : 'not told' });
    }
  }

  get steps(): RunStep[] {
    return this.#steps;
  }

  /** The text of the last step that said something: the run's answer. */
  get text(): string {
    return this.#steps.findLast((step) => step.text !== '')?.text ?? '';
  }

  get usage(): RunUsage {
    return sumUsage(this.#steps.map((step) => step.usage));
  }
}
