/** How long texts are read in one turn of the event loop, by all calls of a process together. */
const SHARE_MS = 8;

/**
 * Shares a process' time among everything that reads texts: in each turn of the event loop one reader goes on, for a share of
 * milliseconds, in the order in which they came. So a large text makes its own call wait, and nobody else's heartbeat, fence or answer.
 */
export class Turns {
  #startedMs: number | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Runs to the end what yields wherever it may be interrupted. */
  async run<T>(reading: Generator<void, T>): Promise<T> {
    for (;;) {
      if (this.#isOver()) await this.#next();
      const { done, value } = reading.next();
      if (done) return value;
    }
  }

  #isOver(): boolean {
    if (this.#startedMs === undefined) {
      this.#start();
      return false;
    }
    return this.nowMs() - this.#startedMs >= SHARE_MS;
  }

  #start(): void {
    this.#startedMs = this.nowMs();
    setImmediate(() => {
      this.#startedMs = undefined;
      const first = this.#waiting.shift();
      if (!first) return;
      this.#start();
      first();
    });
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

/** The one of this process. */
export const TURNS = new Turns();

/** Runs to the end at once what yields wherever it may be interrupted. */
export function atOnce<T>(reading: Generator<void, T>): T {
  for (;;) {
    const { done, value } = reading.next();
    if (done) return value;
  }
}
