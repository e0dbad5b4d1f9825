import type { AgentRunAnswer, RetentionLevel, RunEventName } from '#lib/contracts';
import { NOTHING_YET, type StoredResult } from './run-row.js';

export interface RunEvent {
  /** Counts from 1 within the run; the `id` of the SSE frame. */
  id: number;
  name: RunEventName;
  data: Record<string, unknown>;
}

/** Whose run it is, by which claim (0: it was never queued), and how much of it may be kept at this moment. */
export interface RunFacts {
  orgId: string;
  fence: number;
  retention: () => RetentionLevel;
  /** Where earlier attempts or parts of the run have said something, the number to go on with. */
  firstEvent?: number;
  /** What was done of it before it waited for its caller. */
  before?: StoredResult | null;
}

/**
 * A run under way in this process: what it has said so far, and who is still listening. Several equal posts share one handle.
 * What happens when the last listener leaves is for that one to say, unless somebody asked for the run to go on alone (`keepAlive`).
 */
export class RunHandle {
  readonly events: RunEvent[] = [];
  /** Called once, when the run is over. */
  onEnd: (() => void) | undefined;
  /** Made when somebody asks: most calls end before anybody wants them to. */
  #controller: AbortController | undefined;
  #aborted: { reason: Error } | undefined;
  #onAbort: ((reason: Error) => void) | undefined;
  #done: Promise<AgentRunAnswer> | undefined;
  #settle: ((answer: AgentRunAnswer) => void) | undefined;
  #wake: (() => void)[] = [];
  #answer: AgentRunAnswer | undefined;
  #listeners = 0;
  #keepAlive = false;

  constructor(
    readonly id: string,
    readonly facts: RunFacts,
  ) {}

  /** Resolves with what the run came to. */
  get done(): Promise<AgentRunAnswer> {
    this.#done ??= this.#answer
      ? Promise.resolve(this.#answer)
      : new Promise((resolve) => {
          this.#settle = resolve;
        });
    return this.#done;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Why the run was stopped; undefined while it was not. */
  get abortedFor(): Error | undefined {
    return this.#aborted?.reason;
  }

  /** Tells one listener of the stop, without a signal: what is relayed has nobody else to tell. */
  onAbort(told: ((reason: Error) => void) | undefined): void {
    this.#onAbort = told;
  }

  /** Stops the run; `reason` is the ClavigerError that its answer will carry. Later calls do nothing. */
  abort(reason: Error): void {
    if (this.#aborted) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
    this.#onAbort?.(reason);
  }

  /** Steps are told by their number in the whole run, of which this process may have a later part only. */
  emit(name: RunEventName, said: Record<string, unknown>): void {
    const step = said['step'];
    const data = typeof step === 'number' ? { ...said, step: step + this.#stepsBefore } : said;
    this.events.push({ id: this.lastEvent + 1, name, data: { runId: this.id, ...data } });
    this.#wakeAll();
  }

  get lastEvent(): number {
    return this.begins + this.events.length - 1;
  }

  get #stepsBefore(): number {
    return this.facts.before?.steps.length ?? 0;
  }

  /** Closes the run with its answer; the last event has been emitted before. */
  finish(answer: AgentRunAnswer): void {
    this.#answer = answer;
    this.#settle?.(answer);
    this.#wakeAll();
    this.onEnd?.();
    this.onEnd = undefined;
  }

  /** The last event of the run, and its end for everybody who waits here. */
  end(answer: AgentRunAnswer): void {
    if (answer.error) this.emit('run.failed', answer.error);
    else this.emit('run.finished', { ...answer });
    this.finish(answer);
  }

  /** The run waits for its caller; this process has it no longer. */
  wait(answer: AgentRunAnswer): void {
    this.emit('run.requires_action', { ...answer });
    this.finish(answer);
  }

  /** The run goes on without this process: whoever waits here has to look at its row. */
  pass(): void {
    this.finish({ id: this.id, status: 'queued', ...NOTHING_YET });
  }

  keepAlive(): void {
    this.#keepAlive = true;
  }

  /** Counts one more listener. The function returned takes it away, and calls `left` when it was the last of a run under way. */
  listen(left: (handle: RunHandle) => void): () => void {
    this.#listeners += 1;
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      this.#listeners -= 1;
      if (this.isAlone) left(this);
    };
  }

  /** Whether nobody listens to a run that is under way for its listeners only. */
  get isAlone(): boolean {
    return this.#listeners === 0 && !this.#keepAlive && !this.#answer;
  }

  /** Resolves when there is more to read, or the run is over. */
  nextEvent(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  /** The number of the first event that this process has of the run. */
  get begins(): number {
    return this.facts.firstEvent ?? 1;
  }

  /** What the run came to; undefined while it is under way. */
  get answer(): AgentRunAnswer | undefined {
    return this.#answer;
  }

  /** What this run told, for those who come late: without whatever else its process had of it. */
  asTold(level: RetentionLevel, answer: AgentRunAnswer): RunHandle {
    const { orgId, fence, firstEvent } = this.facts;
    const told = new RunHandle(this.id, { orgId, fence, firstEvent, retention: () => level });
    for (const event of this.events) told.events.push(event);
    told.finish(answer);
    return told;
  }

  /** Every event after the one numbered `after`, until the run is over or `signal` aborts. */
  async *stream(signal: AbortSignal, after = 0): AsyncGenerator<RunEvent, void> {
    let at = Math.max(0, after - this.begins + 1);
    const onAbort = (): void => this.#wakeAll();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const event = this.events[at];
        if (event) {
          at += 1;
          yield event;
        } else if (this.#answer) {
          return;
        } else {
          await this.nextEvent();
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #wakeAll(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
