import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { FairPlaces } from '#lib/limits';
import { EventListener } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { RUN_SLOTS, type RunSlots } from '../tokens.js';
import type { Claim } from './claim.js';
import { QueuedRuns } from './queued-runs.js';
import { RunQueueStore, type FullShares } from './run-queue.store.js';

/** A signal may be lost, and a run that was put back comes due without one. */
const LOOK_AGAIN_MS = 1_000;
/** A claim that nobody here knows of after so long was lost on its way; looked for as often. */
const LOST_SECONDS = 10;

interface Running {
  claim: Claim;
  over: Promise<void>;
}

/**
 * Takes queued runs while this process has slots for them, of which nobody holds more than are free. The rows are the queue: a signal only
 * makes it look sooner.
 */
@Injectable()
export class Dispatcher implements OnModuleInit {
  /** By run and fence. */
  readonly #running = new Map<string, Running>();
  readonly #places: FairPlaces;
  #timers: NodeJS.Timeout[] = [];
  #deaf: (() => void) | undefined;
  #turning: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(
    private readonly store: RunQueueStore,
    private readonly runs: QueuedRuns,
    private readonly watch: EventListener,
    @Inject(RUN_SLOTS) private readonly slots: RunSlots,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    this.#places = new FairPlaces(slots.perProcess);
  }

  /** Queued runs under way here. */
  get running(): number {
    return this.#running.size;
  }

  onModuleInit(): void {
    if (this.slots.perProcess === 0) return;
    this.#deaf = this.watch.onRun(({ kind }) => kind === 'queued' && this.wake());
    this.#timers = [
      setInterval(() => this.wake(), LOOK_AGAIN_MS),
      setInterval(() => void this.findLost(), LOST_SECONDS * 1_000),
    ];
    this.wake();
  }

  /** What waits is for the other processes from now on; what was claimed goes on, or is given back. Resolves when nothing more is claimed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#deaf?.();
    await this.#turning;
  }

  /** Resolves when nothing that was claimed is under way here any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ over }) => over));
  }

  wake(): void {
    this.#again = true;
    this.#turning ??= this.#turn().finally(() => (this.#turning = undefined));
  }

  /** Gives back what was claimed for this process without its knowing. */
  async findLost(olderThanSeconds: number = LOST_SECONDS): Promise<void> {
    try {
      for (const claim of await this.store.unmarked(olderThanSeconds))
        if (!this.#running.has(nameOf(claim))) await this.store.putBack(claim, 0);
    } catch (error) {
      this.log.warn({ err: error }, 'lost claims could not be looked for');
    }
  }

  async #turn(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        while (!this.#stopped && this.#running.size < this.slots.perProcess) {
          const claim = await this.store.claim(this.slots.perWorkspace, this.#full());
          if (!claim) break;
          this.#run(claim);
        }
      } catch (error) {
        this.log.warn({ err: error }, 'queued runs could not be claimed');
      }
    }
  }

  /** Of those that have runs here. One claim is asked for at a time, and what ends meanwhile only makes room. */
  #full(): FullShares {
    const orgIds = new Set<string>();
    const workspaceIds = new Set<string>();
    for (const { claim } of this.#running.values()) {
      const full = this.#places.fullFor(claim);
      if (full === 'organization') orgIds.add(claim.orgId);
      else if (full === 'workspace') workspaceIds.add(claim.workspaceId);
    }
    return { orgIds: [...orgIds], workspaceIds: [...workspaceIds] };
  }

  #run(claim: Claim): void {
    const leave = this.#places.take(claim);
    const over = this.runs.run(claim).catch((error: unknown) => {
      this.log.error({ runId: claim.runId, err: error }, 'a queued run could not be taken up');
    });
    this.#running.set(nameOf(claim), { claim, over });
    void over.then(() => {
      leave();
      this.#running.delete(nameOf(claim));
      this.wake();
    });
  }
}

function nameOf({ runId, fence }: Claim): string {
  return `${runId} ${fence}`;
}
