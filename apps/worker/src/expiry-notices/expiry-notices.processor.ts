import { Inject, Injectable } from '@nestjs/common';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { EXPIRY_NOTICES_QUEUE, QUEUE_BACKEND } from '../queues.module.js';
import { Alerts } from './alerts.js';
import { ExpiryNoticesService } from './expiry-notices.service.js';

const EVERY_MS = 60_000;

/** Looks once a minute for keys that end soon, for quotas that are used up to a threshold, and for policies that alert. */
@Injectable()
export class ExpiryNoticesProcessor extends JobRunner<'expiry-notices'> {
  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    @Inject(EXPIRY_NOTICES_QUEUE) private readonly queue: JobQueue<'expiry-notices'>,
    private readonly service: ExpiryNoticesService,
    private readonly alerts: Alerts,
  ) {
    super('expiry-notices', backend, log);
  }

  protected override async prepare(): Promise<void> {
    await this.queue.schedule('expiry-notices', EVERY_MS, {});
  }

  protected override async handle(): Promise<void> {
    await this.service.run();
    await this.alerts.run();
  }
}
