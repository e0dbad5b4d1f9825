import {
  Global,
  Inject,
  Module,
  type DynamicModule,
  type OnApplicationShutdown,
  type FactoryProvider,
} from '@nestjs/common';
import type { QueueName } from '#lib/contracts';
import { JobQueue, type QueueBackend } from '#lib/queue';
import { LOGGER, type Logger } from '#lib/telemetry';

export const QUEUE_BACKEND = Symbol('queue backend');
export const SHREDDING_QUEUE = Symbol('queue of replaced secret versions');
export const USAGE_ROLLUP_QUEUE = Symbol('queue of usage roll-ups');
export const AUDIT_CHECKPOINTS_QUEUE = Symbol('queue of audit checkpoints');
export const EXPIRY_NOTICES_QUEUE = Symbol('queue of looks for keys that end soon');
export const RETENTION_QUEUE = Symbol('queue of retention runs');

/** Every queue under its name. */
export const JOB_QUEUES = Symbol('all queues');
export type JobQueues = Record<string, Pick<JobQueue<QueueName>, 'counts'>>;

/** The queues of this process, over one backend, closed when it stops. */
@Global()
@Module({})
export class QueuesModule implements OnApplicationShutdown {
  constructor(
    @Inject(SHREDDING_QUEUE) private readonly shredding: JobQueue<'shredding'>,
    @Inject(USAGE_ROLLUP_QUEUE) private readonly rollup: JobQueue<'usage-rollup'>,
    @Inject(RETENTION_QUEUE) private readonly retention: JobQueue<'retention'>,
    @Inject(AUDIT_CHECKPOINTS_QUEUE) private readonly checkpoints: JobQueue<'audit-checkpoints'>,
    @Inject(EXPIRY_NOTICES_QUEUE) private readonly notices: JobQueue<'expiry-notices'>,
  ) {}

  static forRoot(backend: QueueBackend): DynamicModule {
    const queues = [
      queueProvider(SHREDDING_QUEUE, 'shredding'),
      queueProvider(USAGE_ROLLUP_QUEUE, 'usage-rollup'),
      queueProvider(RETENTION_QUEUE, 'retention'),
      queueProvider(AUDIT_CHECKPOINTS_QUEUE, 'audit-checkpoints'),
      queueProvider(EXPIRY_NOTICES_QUEUE, 'expiry-notices'),
    ];
    const all: FactoryProvider = {
      provide: JOB_QUEUES,
      inject: queues.map(({ provide }) => provide),
      useFactory: (...made: JobQueue<QueueName>[]): JobQueues =>
        Object.fromEntries(made.map((queue) => [queue.name, queue])),
    };
    return {
      module: QueuesModule,
      providers: [{ provide: QUEUE_BACKEND, useValue: backend }, ...queues, all],
      exports: [QUEUE_BACKEND, JOB_QUEUES, ...queues.map(({ provide }) => provide)],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    const queues = [this.shredding, this.rollup, this.retention, this.checkpoints, this.notices];
    await Promise.all(queues.map((queue) => queue.close()));
  }
}

function queueProvider(token: symbol, name: QueueName): FactoryProvider {
  return {
    provide: token,
    inject: [QUEUE_BACKEND, LOGGER],
    useFactory: (backend: QueueBackend, log: Logger) =>
      new JobQueue(name, backend, (err) =>
        log.warn({ err }, 'a queue connection failed; it reconnects by itself'),
      ),
  };
}
