import type { RunEventName } from '#lib/contracts';
import type { RunSink } from './run-sink.js';

/** A sink that tells nothing of a run before it is released; only that the run waits for its rates. */
export class HeldSink implements RunSink {
  #held: [RunEventName, Record<string, unknown>][] = [];

  constructor(private readonly sink: RunSink) {}

  get id(): string {
    return this.sink.id;
  }

  get signal(): AbortSignal {
    return this.sink.signal;
  }

  abort(reason: Error): void {
    this.sink.abort(reason);
  }

  emit(name: RunEventName, data: Record<string, unknown>): void {
    if (name === 'run.retrying') this.sink.emit(name, data);
    else this.#held.push([name, data]);
  }

  /** Tells what was held, in its order. */
  release(): void {
    for (const [name, data] of this.#held.splice(0)) this.sink.emit(name, data);
  }
}
