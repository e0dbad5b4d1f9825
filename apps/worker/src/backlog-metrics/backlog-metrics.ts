import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkerStore } from '#lib/persistence';
import { Metrics, type GaugeSample } from '#lib/telemetry';
import { JOB_QUEUES, type JobQueues } from '../queues.module.js';

/** What waits for the worker: read at each scrape, so that nobody pays for it who does not look. */
@Injectable()
export class BacklogMetrics implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly store: WorkerStore,
    @Inject(JOB_QUEUES) private readonly queues: JobQueues,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'claviger_queue_jobs',
      help: 'Jobs in each queue: waiting, active, delayed, or failed for good.',
      labels: ['queue', 'state'],
      read: () => this.jobs(),
    });
    this.metrics.gauge({
      name: 'claviger_outbox_oldest_event_age_seconds',
      help: 'Age of the oldest event that the relay has not published; 0: none waits.',
      labels: [],
      read: async () => [{ labels: {}, value: await this.oldestEventSeconds() }],
    });
    this.metrics.gauge({
      name: 'claviger_outbox_failing_events',
      help: 'Events that could not be published, and are tried again ever less often; the log names them.',
      labels: [],
      read: async () => [{ labels: {}, value: await this.store.failingEvents() }],
    });
    this.metrics.gauge({
      name: 'claviger_runs_waiting',
      help: 'Agent runs that wait for an engine to take them.',
      labels: [],
      read: async () => [{ labels: {}, value: (await this.store.runsWaiting()).runs }],
    });
    this.metrics.gauge({
      name: 'claviger_runs_oldest_waiting_seconds',
      help: 'How long the run that waits longest has; 0: none waits.',
      labels: [],
      read: async () => [{ labels: {}, value: (await this.store.runsWaiting()).oldestSeconds }],
    });
  }

  private async jobs(): Promise<GaugeSample[]> {
    const queues = Object.entries(this.queues);
    const counts = await Promise.all(queues.map(([, queue]) => queue.counts()));
    return queues.flatMap(([queue], index) =>
      Object.entries(counts[index] ?? {}).map(([state, value]) => ({ labels: { queue, state }, value })),
    );
  }

  private async oldestEventSeconds(): Promise<number> {
    const oldest = await this.store.oldestUnpublished();
    return oldest ? Math.max(0, (Date.now() - oldest.getTime()) / 1_000) : 0;
  }
}
