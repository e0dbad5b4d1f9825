import { Inject, Injectable } from '@nestjs/common';
import { WorkerStore } from '#lib/persistence';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { QUEUE_BACKEND, USAGE_ROLLUP_QUEUE } from '../queues.module.js';

const EVERY_MS = 60_000;

/** Keeps the daily statistics at most a minute behind the receipts. */
@Injectable()
export class UsageRollupProcessor extends JobRunner<'usage-rollup'> {
  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    @Inject(USAGE_ROLLUP_QUEUE) private readonly queue: JobQueue<'usage-rollup'>,
    private readonly store: WorkerStore,
  ) {
    super('usage-rollup', backend, log);
  }

  protected override async prepare(): Promise<void> {
    await this.queue.schedule('usage-rollup', EVERY_MS, {});
  }

  protected override async handle(): Promise<void> {
    await this.store.rollUpUsage();
  }
}
