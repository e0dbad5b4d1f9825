import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { KeySlots, RateLimiter, type RateStore } from '#lib/limits';
import { LOGGER, type Logger } from '#lib/telemetry';

/** Injection token of the `RateStore`. */
export const RATE_STORE = Symbol('RATE_STORE');

const TICK_MS = 1_000;
const SWEEP_MS = 600_000;

/** Keeps leases short: what this process does not use goes back, when it stops all of it. */
@Injectable()
export class RateKeeper implements OnModuleInit, OnApplicationShutdown {
  #timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly limiter: RateLimiter,
    private readonly slots: KeySlots,
    @Inject(RATE_STORE) private readonly store: RateStore,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#timers = [
      setInterval(() => void this.#quietly(this.limiter.tick()), TICK_MS),
      setInterval(() => void this.#quietly(this.slots.tick()), TICK_MS),
      setInterval(() => void this.#quietly(this.store.sweep()), SWEEP_MS),
    ];
  }

  /** After the runs under way are over (they end when modules are destroyed). */
  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#quietly(this.limiter.close());
    await this.slots.close();
    await this.store.close();
  }

  async #quietly(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => this.log.warn({ err: error }, 'the rate store did not answer'));
  }
}
