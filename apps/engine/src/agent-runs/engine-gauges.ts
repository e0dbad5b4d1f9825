import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '#lib/telemetry';
import { Meter } from '../metering/meter.js';
import { Dispatcher } from '../run-queue/dispatcher.js';
import { RUN_SLOTS, type RunSlots } from '../tokens.js';
import { openStreams } from './open-streams.js';
import { LiveRuns } from './live-runs.js';

/** What is under way in this process: read at each scrape, so that no call pays for it. */
@Injectable()
export class EngineGauges implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly live: LiveRuns,
    private readonly dispatcher: Dispatcher,
    private readonly meter: Meter,
    @Inject(RUN_SLOTS) private readonly slots: RunSlots,
  ) {}

  onModuleInit(): void {
    this.#gauge('claviger_calls_open', 'Runs and relayed calls under way.', () => this.live.size);
    this.#gauge('claviger_streams_open', 'Answers under way as event streams.', () => openStreams.count);
    this.#gauge(
      'claviger_run_slots',
      'Queued runs that may be under way here at once.',
      () => this.slots.perProcess,
    );
    this.#gauge('claviger_run_slots_used', 'Queued runs under way here.', () => this.dispatcher.running);
    this.#gauge('claviger_usage_waiting', 'Receipts that are not written yet.', () => this.meter.waiting);
    this.#gauge(
      'claviger_usage_lag_seconds',
      'Age of the oldest receipt that is not written yet; 0: none waits.',
      () => this.meter.lagMs(Date.now()) / 1_000,
    );
  }

  #gauge(name: string, help: string, value: () => number): void {
    this.metrics.gauge({ name, help, labels: [], read: async () => [{ labels: {}, value: value() }] });
  }
}
