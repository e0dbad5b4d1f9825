import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { EventListener, RestoreWatch } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { OutboxRelayService } from './outbox-relay.service.js';

const POLL_MS = 1_000;

/** Runs the relay at each notification and, since notifications may be lost, once a second. */
@Injectable()
export class OutboxRelayProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly relay: OutboxRelayService,
    private readonly listener: EventListener,
    private readonly watch: RestoreWatch,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.listener.on(() => this.wake());
    this.#timer = setInterval(() => this.wake(), POLL_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  private wake(): void {
    if (this.#stopped || this.#running !== undefined) return;
    this.#running = this.drain().finally(() => {
      this.#running = undefined;
    });
  }

  private async drain(): Promise<void> {
    try {
      // Of an old copy, nothing becomes a job until an operator acknowledged it.
      while (!this.#stopped && !this.watch.refused && (await this.relay.relay()).more);
    } catch (err) {
      this.log.warn({ err }, 'outbox relay failed; it tries again in a second');
    }
  }
}
