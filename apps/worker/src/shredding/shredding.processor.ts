import { Inject, Injectable } from '@nestjs/common';
import type { JobPayloads } from '#lib/contracts';
import { WorkerStore } from '#lib/persistence';
import type { QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { QUEUE_BACKEND } from '../queues.module.js';

/** Destroys a replaced secret version when its overlap is over: ciphertext and data key go in the audit row's transaction. */
@Injectable()
export class ShreddingProcessor extends JobRunner<'shredding'> {
  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    private readonly store: WorkerStore,
  ) {
    super('shredding', backend, log);
  }

  /** Its jobs come from the outbox: there is nothing to set up. */
  protected override async prepare(): Promise<void> {}

  protected override async handle(payload: JobPayloads['shredding']): Promise<void> {
    await this.store.shredVersion({ ...payload, state: 'draining' });
  }
}
