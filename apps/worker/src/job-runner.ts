import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { JobPayloads, QueueName } from '#lib/contracts';
import { JobWorker, type QueueBackend } from '#lib/queue';
import type { Logger } from '#lib/telemetry';

/** Takes the jobs of one queue from boot to shutdown. A processor extends it and says what a job means. */
export abstract class JobRunner<Name extends QueueName>
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  #worker: JobWorker<Name> | undefined;

  protected constructor(
    private readonly queueName: Name,
    private readonly backend: QueueBackend,
    private readonly log: Logger,
  ) {}

  protected abstract handle(payload: JobPayloads[Name]): Promise<void>;

  /** Called once at boot, before the first job; a processor puts its timer here. */
  protected abstract prepare(): Promise<void>;

  async onApplicationBootstrap(): Promise<void> {
    await this.prepare();
    this.#worker = new JobWorker(this.queueName, this.backend, (payload) => this.handle(payload), {
      concurrency: 1,
      onError: (err) => this.log.warn({ err, queue: this.queueName }, 'a job failed; it is tried again'),
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#worker?.close();
  }
}
