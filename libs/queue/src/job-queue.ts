import type { JobPayloads, QueueName } from '#lib/contracts';
import { newUuid } from '#lib/kernel';
import type { JobsOptions } from 'bullmq';
import { bullQueue, type QueueBackend } from './backend.js';

export interface AddOptions {
  /** A second job with an id that the queue still knows is not added. */
  jobId?: string;
  /** Milliseconds before it may run. */
  delayMs?: number;
}

/** Failed jobs are tried five times with exponential backoff from one second, then kept a week for inspection. */
const JOB_DEFAULTS: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: { age: 3_600, count: 1_000 },
  removeOnFail: { age: 604_800 },
};

/** Adds jobs of one queue. At-least-once: a handler may see a job twice and must not mind (CUSTODY §10). */
export class JobQueue<Name extends QueueName> {
  readonly #queue: ReturnType<typeof bullQueue>;

  constructor(
    readonly name: Name,
    backend: QueueBackend,
    onError: (error: Error) => void,
  ) {
    this.#queue = bullQueue(name, backend, JOB_DEFAULTS);
    this.#queue.on('error', onError);
  }

  async add(payload: JobPayloads[Name], options: AddOptions = {}): Promise<void> {
    // BullMQ numbers a job without an id from a sequence that it makes on first use; the process roles may make nothing.
    const { jobId = newUuid(), delayMs = 0 } = options;
    await this.#queue.add('job', payload, { jobId, delay: delayMs });
  }

  /** Runs `payload` every `everyMs` milliseconds, on one process at a time; calling again with the same id replaces it. */
  async schedule(id: string, everyMs: number, payload: JobPayloads[Name]): Promise<void> {
    await this.#queue.upsertJobScheduler(id, { every: everyMs }, { name: 'job', data: payload });
  }

  /** How many jobs wait, run, are delayed or failed for good. */
  async counts(): Promise<Record<string, number>> {
    return this.#queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
