import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#lib/kernel';
import type { Logger } from '#lib/telemetry';
import type { Child } from './child.js';
import type { TakesCalls } from './messages.js';

/** What the supervisor of an engine's processes is made of. */
export interface SupervisorOptions {
  /** How many processes serve. */
  count: number;
  fork: (takesCalls: TakesCalls) => Child;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Told whenever a process came or went. */
  changed: () => void;
  /** In milliseconds; see `PATIENCE`. */
  patience?: Partial<typeof PATIENCE>;
}

/** How long things may take, in milliseconds. */
export const PATIENCE = {
  /** From the beginning of a new process to its taking calls. */
  begins: 60_000,
  /** The calls of a process that was replaced: as long as one may last, and a little. */
  replaced: 660_000,
  /** The calls of a process when all of them end: `CLAVIGER_SHUTDOWN_GRACE_SECONDS`. */
  stops: 45_000,
  /** From then to being killed, for what is written after them. */
  closes: 15_000,
  firstPause: 250,
  longestPause: 10_000,
  /** A process that served this long did not fail at its beginning. */
  steady: 30_000,
};

/** A place that one process at a time fills. */
interface Slot {
  number: number;
  child: Child | null;
  /** How often in a row its process ended by itself. */
  failures: number;
}

/** Keeps a number of processes that serve one port: begins them, replaces what died, replaces all without losing a call, ends them. */
export class Supervisor {
  readonly #slots: Slot[];
  readonly #leaving = new Map<Child, number>();
  readonly #patience: typeof PATIENCE;
  readonly #stopping = new AbortController();
  #restarting: Promise<void> = Promise.resolve();
  #asked = 0;
  readonly starts = { boot: 0, restart: 0, crash: 0 };

  constructor(private readonly options: SupervisorOptions) {
    this.#slots = Array.from({ length: options.count }, (_, index) => ({
      number: index + 1,
      child: null,
      failures: 0,
    }));
    this.#patience = { ...PATIENCE, ...options.patience };
  }

  /** The processes that serve, in the order of their numbers. */
  get serving(): { number: number; child: Child }[] {
    return this.#slots.flatMap(({ number, child }) => (child ? [{ number, child }] : []));
  }

  /** Those that were replaced and end what they have under way. */
  get leaving(): { number: number; child: Child }[] {
    return [...this.#leaving].map(([child, number]) => ({ number, child }));
  }

  /** Begins all of them. Throws when one ends before it takes calls: what it said tells why. */
  async start(): Promise<void> {
    const beginnings = this.#slots.map((slot) => {
      this.starts.boot += 1;
      const child = (slot.child = this.options.fork('at-once'));
      return { slot, child };
    });
    this.options.changed();
    try {
      await Promise.all(beginnings.map(({ child }) => this.#begun(child)));
    } catch (error) {
      for (const { child } of beginnings) child.kill();
      throw error;
    }
    for (const { slot, child } of beginnings) this.#watch(slot, child);
    this.options.changed();
  }

  /**
   * Replaces every process by a new one, one after the other: a new one takes calls before the old one stops to. When a new one does not get
   * that far, the old ones stay. Asked again meanwhile, it is done once more. Never rejects.
   */
  restart(): Promise<void> {
    this.#asked += 1;
    const turn = this.#asked;
    this.#restarting = this.#restarting.then(() => (turn === this.#asked ? this.#restart() : undefined));
    return this.#restarting;
  }

  async #restart(): Promise<void> {
    this.options.log.info({ count: this.#slots.length }, 'the processes are replaced one after the other');
    for (const slot of this.#slots) {
      if (this.#stopping.signal.aborted) return;
      this.starts.restart += 1;
      const next = this.options.fork('when-ready');
      try {
        await this.#begun(next);
      } catch (error) {
        next.kill();
        this.options.log.error({ err: error }, 'a new process did not get ready: the old ones stay');
        return;
      }
      const old = slot.child;
      slot.child = next;
      slot.failures = 0;
      this.#watch(slot, next);
      if (old) this.#leave(slot, old);
      this.options.changed();
    }
    this.options.log.info({ count: this.#slots.length }, 'the processes were replaced');
  }

  /** Ends all of them: what is under way may end in its time (`stops`). Resolves when none is left, shortly after it at the latest. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const all = [...this.serving, ...this.leaving].map(({ child }) => child);
    for (const child of all) child.retire(this.#patience.stops);
    const timer = setTimeout(
      () => all.forEach((child) => child.kill()),
      this.#patience.stops + this.#patience.closes,
    );
    await Promise.all(all.map(({ ended }) => ended));
    clearTimeout(timer);
  }

  #leave(slot: Slot, child: Child): void {
    this.#leaving.set(child, slot.number);
    child.retire(this.#patience.replaced);
    const timer = setTimeout(() => child.kill(), this.#patience.replaced + 2 * this.#patience.closes);
    void child.ended.then(() => {
      clearTimeout(timer);
      this.#leaving.delete(child);
      this.options.changed();
    });
  }

  /** Resolves once it takes calls. */
  async #begun(child: Child): Promise<void> {
    const waits = new AbortController();
    const tooLate = sleep(this.#patience.begins, 'it was not ready in time', { signal: waits.signal });
    const failure = await Promise.race([child.listening, child.ended, tooLate]);
    waits.abort();
    await tooLate.catch(() => undefined);
    if (failure !== undefined)
      throw new AppError('process_ended', `one of its processes did not begin (${failure}).`);
  }

  #watch(slot: Slot, child: Child): void {
    const since = performance.now();
    void child.ended.then((how) => {
      if (slot.child !== child || this.#stopping.signal.aborted) return;
      slot.child = null;
      slot.failures = performance.now() - since > this.#patience.steady ? 1 : slot.failures + 1;
      this.options.log.error({ pid: child.pid, code: how }, 'a process of the engine ended: it is replaced');
      this.options.changed();
      void this.#replace(slot);
    });
  }

  async #replace(slot: Slot): Promise<void> {
    const { firstPause, longestPause } = this.#patience;
    const pause = Math.min(longestPause, firstPause * 2 ** (slot.failures - 1));
    await sleep(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    // A restart may have filled the place meanwhile.
    if (this.#stopping.signal.aborted || slot.child) return;
    this.starts.crash += 1;
    const child = (slot.child = this.options.fork('at-once'));
    this.#watch(slot, child);
    this.options.changed();
    // One that neither serves nor ends is no better than one that ended.
    await this.#begun(child).catch(() => child.kill());
  }
}
