import type { AgentRunAnswer, RunEventName } from '#lib/contracts';

export interface RunEvent {
  /** Counts from 1 within the run; the `id` of the SSE frame. */
  id: number;
  name: RunEventName;
  data: Record<string, unknown>;
}

/**
 * A run under way in this process: what it has said so far, and who is still listening. Several equal posts share one handle.
 * When the last listener leaves, the run is aborted, unless somebody asked for it to go on alone (`keepAlive`).
 */
export class RunHandle {
  readonly id: string;
  readonly events: RunEvent[] = [];
  readonly done: Promise<AgentRunAnswer>;
  readonly #abort = new AbortController();
  #settle!: (answer: AgentRunAnswer) => void;
  #wake: (() => void)[] = [];
  #answer: AgentRunAnswer | undefined;
  #listeners = 0;
  #keepAlive = false;

  constructor(id: string) {
    this.id = id;
    this.done = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops the run; `reason` is the ClavigerError that its answer will carry. Later calls do nothing. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  emit(name: RunEventName, data: Record<string, unknown>): void {
    this.events.push({ id: this.events.length + 1, name, data: { runId: this.id, ...data } });
    this.#wakeAll();
  }

  /** Closes the run with its answer; the last event has been emitted before. */
  finish(answer: AgentRunAnswer): void {
    this.#answer = answer;
    this.#settle(answer);
    this.#wakeAll();
  }

  keepAlive(): void {
    this.#keepAlive = true;
  }

  /** Counts one more listener. The function returned takes it away; `left` is the reason to abort with when it was the last. */
  listen(left: () => Error): () => void {
    this.#listeners += 1;
    let counted = true;
    return () => {
      if (!counted) return;
      counted = false;
      this.#listeners -= 1;
      if (this.#listeners === 0 && !this.#keepAlive && !this.#answer) this.abort(left());
    };
  }

  /** Every event from the first on, until the run is over or `signal` aborts. */
  async *stream(signal: AbortSignal): AsyncGenerator<RunEvent, void> {
    let at = 0;
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
          await new Promise<void>((resolve) => this.#wake.push(resolve));
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
