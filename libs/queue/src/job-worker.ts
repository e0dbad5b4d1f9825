import type { JobPayloads, QueueName } from '#lib/contracts';
import { bullWorker, type QueueBackend } from './backend.js';

export interface JobWorkerOptions {
  /** How many jobs this process runs at once. */
  concurrency: number;
  /** Called for each failed attempt and each lost connection; must not throw. */
  onError: (error: Error) => void;
}

/** Runs the jobs of one queue until closed. A job whose handler throws is tried again later. */
export class JobWorker<Name extends QueueName> {
  readonly #worker: ReturnType<typeof bullWorker<JobPayloads[Name]>>;

  constructor(
    name: Name,
    backend: QueueBackend,
    handle: (payload: JobPayloads[Name], attemptsMade: number) => Promise<void>,
    options: JobWorkerOptions,
  ) {
    this.#worker = bullWorker<JobPayloads[Name]>(name, backend, handle, options.concurrency);
    this.#worker.on('error', options.onError);
    this.#worker.on('failed', (_job: unknown, error: Error) => options.onError(error));
  }

  /** Takes no further job until resumed; those that run go on. */
  async pause(): Promise<void> {
    await this.#worker.pause(true);
  }

  resume(): void {
    void this.#worker.resume();
  }

  /** Waits for the running jobs to end, then stops. */
  async close(): Promise<void> {
    await this.#worker.close();
  }
}
