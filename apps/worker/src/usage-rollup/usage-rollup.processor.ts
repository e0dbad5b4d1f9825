import { Inject, Injectable } from '@nestjs/common';
import { UsageStore, type UsageRetention } from '#lib/persistence';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { QUEUE_BACKEND, USAGE_ROLLUP_QUEUE } from '../queues.module.js';

export const USAGE_RETENTION = Symbol('how long what calls used is kept');

const EVERY_MS = 60_000;
const RECEIPTS_A_BATCH = 2_000;
/** Of runs all that are old are looked at each time: some stay for the sake of their receipts. */
const RUNS_EVERY_MS = 3_600_000;
const RUNS_A_BATCH = 1_000;

/**
 * Adds receipts to the sums of their days and minutes, at most a minute after they came. A batch is one transaction: a worker that dies
 * has added it or not. Whoever reads adds what is not in the sums yet. Then go receipts that are added and have had their time, and
 * minutes that had theirs; sums by the day stay for ever (ADR 0038). Once an hour go runs that had theirs and that no receipt names.
 */
@Injectable()
export class UsageRollupProcessor extends JobRunner<'usage-rollup'> {
  #runsAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    @Inject(USAGE_ROLLUP_QUEUE) private readonly queue: JobQueue<'usage-rollup'>,
    private readonly store: UsageStore,
    @Inject(USAGE_RETENTION) private readonly retention: UsageRetention,
  ) {
    super('usage-rollup', backend, log);
  }

  protected override async prepare(): Promise<void> {
    await this.queue.schedule('usage-rollup', EVERY_MS, {});
  }

  protected override async handle(): Promise<void> {
    while ((await this.store.rollUp(RECEIPTS_A_BATCH, this.retention)) === RECEIPTS_A_BATCH);
    while ((await this.store.retireReceipts(RECEIPTS_A_BATCH, this.retention)) === RECEIPTS_A_BATCH);
    await this.store.forgetMinutes(this.retention);
    if (performance.now() - this.#runsAt < RUNS_EVERY_MS) return;
    while ((await this.store.retireRuns(RUNS_A_BATCH, this.retention)) === RUNS_A_BATCH);
    this.#runsAt = performance.now();
  }
}
