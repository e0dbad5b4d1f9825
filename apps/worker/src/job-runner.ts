import { Inject, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { JobPayloads, QueueName } from '#lib/contracts';
import { RestoreWatch } from '#lib/persistence';
import { JobWorker, type QueueBackend } from '#lib/queue';
import type { Logger } from '#lib/telemetry';

/**
 * Takes the jobs of one queue from boot to shutdown. A processor extends it and says what a job means. While the database
 * is an unacknowledged old copy no job is taken: they wait in their queue, timers and all (ADR 0020).
 */
export abstract class JobRunner<Name extends QueueName>
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  #worker: JobWorker<Name> | undefined;
  #unsubscribe: (() => void) | undefined;
  @Inject(RestoreWatch) private readonly watch!: RestoreWatch;

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
    this.#unsubscribe = this.watch.onChange((refused) => (refused ? this.#pause() : this.#take()));
  }

  #pause(): void {
    void this.#worker?.pause();
  }

  #take(): void {
    if (this.#worker) return this.#worker.resume();
    this.#worker = new JobWorker(this.queueName, this.backend, (payload) => this.#handle(payload), {
      concurrency: 1,
      onError: (err) => this.log.warn({ err, queue: this.queueName }, 'a job failed; it is tried again'),
    });
  }

  async #handle(payload: JobPayloads[Name]): Promise<void> {
    // One that was fetched just before the pause is tried again later.
    this.watch.assertCurrent();
    await this.handle(payload);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#unsubscribe?.();
    await this.#worker?.close();
  }
}
