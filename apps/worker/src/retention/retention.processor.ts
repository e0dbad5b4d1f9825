import { Inject, Injectable } from '@nestjs/common';
import { PurgeStore, WorkerStore } from '#lib/persistence';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { QUEUE_BACKEND, RETENTION_QUEUE } from '../queues.module.js';

const EVERY_MS = 10 * 60_000;
const SHREDS_A_RUN = 1_000;
const PURGES_A_RUN = 20;
const ROWS_A_BATCH = 500;

/**
 * Deletes expired sessions, idempotency keys, throttle windows, published events, messages of webhooks
 * after 30 days and what runs left behind, six times an hour. It also
 * destroys drained secret versions whose job was lost with its queue: destruction is late then, never forgotten; and versions
 * that a rotation left waiting because its process died: 15 minutes after they were made at the latest. Last, it purges
 * the rows of organizations that were deleted long enough ago.
 */
@Injectable()
export class RetentionProcessor extends JobRunner<'retention'> {
  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    @Inject(RETENTION_QUEUE) private readonly queue: JobQueue<'retention'>,
    private readonly store: WorkerStore,
    private readonly purges: PurgeStore,
  ) {
    super('retention', backend, log);
  }

  protected override async prepare(): Promise<void> {
    await this.queue.schedule('retention', EVERY_MS, {});
  }

  protected override async handle(): Promise<void> {
    await this.store.purgeExpired();
    while ((await this.store.purgeRunRemains(ROWS_A_BATCH)) >= ROWS_A_BATCH);
    while ((await this.store.purgeDeliveries(ROWS_A_BATCH)) >= ROWS_A_BATCH);
    const stale = [
      ...(await this.store.drainedVersions(SHREDS_A_RUN)),
      ...(await this.store.abandonedVersions(SHREDS_A_RUN)),
    ];
    for (const version of stale) await this.store.shredVersion(version);
    for (const orgId of await this.purges.due(PURGES_A_RUN)) {
      while (await this.purges.purgeBatch(orgId, ROWS_A_BATCH));
    }
  }
}
