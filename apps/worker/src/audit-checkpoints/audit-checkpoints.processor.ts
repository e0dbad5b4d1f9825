import { Inject, Injectable } from '@nestjs/common';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';
import { JobRunner } from '../job-runner.js';
import { AUDIT_CHECKPOINTS_QUEUE, QUEUE_BACKEND } from '../queues.module.js';
import { AuditCheckpointsService } from './audit-checkpoints.service.js';

export const EVERY_MS = Symbol('milliseconds from one audit checkpoint to the next');

/** Runs the signing of audit heads on its timer, on one worker at a time. */
@Injectable()
export class AuditCheckpointsProcessor extends JobRunner<'audit-checkpoints'> {
  constructor(
    @Inject(QUEUE_BACKEND) backend: QueueBackend,
    @Inject(LOGGER) log: Logger,
    @Inject(AUDIT_CHECKPOINTS_QUEUE) private readonly queue: JobQueue<'audit-checkpoints'>,
    @Inject(EVERY_MS) private readonly everyMs: number,
    private readonly service: AuditCheckpointsService,
  ) {
    super('audit-checkpoints', backend, log);
  }

  protected override async prepare(): Promise<void> {
    await this.queue.schedule('audit-checkpoints', this.everyMs, {});
  }

  protected override async handle(): Promise<void> {
    await this.service.run();
  }
}
