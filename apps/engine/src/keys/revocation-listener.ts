import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { PLATFORM, type DomainEvent } from '#lib/contracts';
import { EventListener } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import type { Opener } from '#lib/custody/opener';
import { OPENER } from '../tokens.js';
import { OpenRuns } from './open-runs.js';
import { StateCache } from './state-cache.js';

const TICK_MS = 1_000;

/**
 * Makes revocations fast; the fence makes them sure. Told of a change, it forgets what is known about that organization and asks
 * for its open runs again. After a gap in what it was told, it does so for all.
 */
@Injectable()
export class RevocationListener implements OnModuleInit, BeforeApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #ends: (() => void)[] = [];
  #refreshing = false;

  constructor(
    private readonly events: EventListener,
    private readonly states: StateCache,
    private readonly openRuns: OpenRuns,
    @Inject(OPENER) private readonly opener: Pick<Opener, 'purge'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#ends = [this.events.on((event) => this.#changed(event)), this.events.onGap(() => this.#forget())];
    this.#timer = setInterval(() => void this.tick(), TICK_MS);
  }

  /** Not before the runs under way are over: they are guarded to their end. */
  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
    for (const end of this.#ends) end();
  }

  /** Once a second: hot states are read again in one query, and open runs whose last check is old are checked. */
  async tick(): Promise<void> {
    // Side by side: a database that hangs must not keep the open runs waiting for the refresh.
    await Promise.all([this.#refresh(), this.openRuns.tick()]);
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    try {
      await this.states.refreshHot();
    } catch (error) {
      this.log.warn({ err: error }, 'hot states could not be read again');
    } finally {
      this.#refreshing = false;
    }
  }

  #changed(event: DomainEvent): void {
    const secretId = event.ids['secretId'];
    if (typeof secretId === 'string' && /deleted|retired/.test(event.topic)) this.opener.purge(secretId);
    // Tells of a call, and changes nobody's rights: a policy that is often broken must not cost its organization the hot states.
    if (event.topic === 'policy.violated') return;
    this.#forget(event.orgId === PLATFORM ? undefined : event.orgId);
  }

  #forget(orgId?: string): void {
    this.states.evict(orgId);
    void this.openRuns.recheck(orgId);
  }
}
