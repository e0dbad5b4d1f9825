import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { asClavigerError } from '#lib/http';
import { LOGGER, type Logger } from '#lib/telemetry';
import { MeteringStore } from './metering.store.js';
import type { RunReceipt, UsageEntry } from './usage-entry.js';

const FLUSH_MS = 250;
/** What may wait for a database that does not answer; beyond it the oldest is given up, and the log says how many. */
const MAX_WAITING = 50_000;
const BATCH = 500;

/**
 * Collects receipts and writes them every 250 ms, one transaction per organization, off the path of the calls. What a crash can
 * lose is those 250 ms of receipts; the runs' own rows keep the same figures.
 */
@Injectable()
export class Meter implements OnModuleInit, BeforeApplicationShutdown {
  #usage: UsageEntry[] = [];
  #receipts: RunReceipt[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  /** Of the batch that is being written. */
  #writing: { count: number; oldestMs: number } | null = null;

  constructor(
    @Inject(MeteringStore) private readonly store: Pick<MeteringStore, 'write' | 'touch'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Receipts that are not written yet. */
  get waiting(): number {
    return this.#usage.length + this.#receipts.length + (this.#writing?.count ?? 0);
  }

  /** Age of the oldest receipt that is not written yet, in milliseconds; 0: none waits. */
  lagMs(nowMs: number): number {
    const oldest = this.#writing?.oldestMs ?? oldestOf(this.#usage, this.#receipts);
    return Math.max(0, nowMs - Math.min(oldest, nowMs));
  }

  record(usage: UsageEntry): void {
    this.#usage.push(usage);
  }

  receipt(receipt: RunReceipt): void {
    this.#receipts.push(receipt);
  }

  /** Writes what waits; one flush at a time. What cannot be written waits for the next one. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    const usage = this.#usage;
    const receipts = this.#receipts;
    if (usage.length + receipts.length === 0) return;
    this.#usage = [];
    this.#receipts = [];
    this.#writing = { count: usage.length + receipts.length, oldestMs: oldestOf(usage, receipts) };
    for (const orgId of new Set([...usage, ...receipts].map((item) => item.orgId))) {
      await this.#writeOrg(
        orgId,
        usage.filter((entry) => entry.orgId === orgId),
        receipts.filter((entry) => entry.orgId === orgId),
      );
    }
    this.#writing = null;
  }

  async #writeOrg(orgId: string, usage: UsageEntry[], receipts: RunReceipt[]): Promise<void> {
    for (let at = 0; at < Math.max(usage.length, receipts.length); at += BATCH) {
      await this.#write(orgId, usage.slice(at, at + BATCH), receipts.slice(at, at + BATCH));
    }
    const actors = new Set(receipts.map((receipt) => receipt.principalId));
    // Only a courtesy to whoever looks at the list of tokens: not worth a second try.
    await this.store.touch(orgId, actors).catch(() => undefined);
  }

  /** Writes a batch. While the database is away it waits; what the database refuses is parted until the one at fault is alone. */
  async #write(orgId: string, usage: UsageEntry[], receipts: RunReceipt[]): Promise<void> {
    const count = usage.length + receipts.length;
    if (count === 0) return;
    try {
      await this.store.write(orgId, usage, receipts);
    } catch (error) {
      if (asClavigerError(error).code === 'overloaded') return this.#keep(usage, receipts);
      this.log.error(
        { orgId, count, err: error },
        count === 1 ? 'a receipt was refused and is given up' : 'receipts were refused',
      );
      if (count === 1) return;
      const half = (list: unknown[]): number => Math.ceil(list.length / 2);
      const [u, r] =
        usage.length > 0 && receipts.length > 0 ? [usage.length, 0] : [half(usage), half(receipts)];
      await this.#write(orgId, usage.slice(0, u), receipts.slice(0, r));
      await this.#write(orgId, usage.slice(u), receipts.slice(r));
    }
  }

  #keep(usage: UsageEntry[], receipts: RunReceipt[]): void {
    const room = MAX_WAITING - this.#usage.length - this.#receipts.length;
    const wanted = usage.length + receipts.length;
    if (room < wanted)
      this.log.error({ count: wanted }, 'receipts were given up: too many wait for the database');
    else {
      this.#usage = [...usage, ...this.#usage];
      this.#receipts = [...receipts, ...this.#receipts];
    }
  }
}

/** They are in the order in which they came. */
function oldestOf(usage: readonly UsageEntry[], receipts: readonly RunReceipt[]): number {
  return Math.min(usage[0]?.at.getTime() ?? Infinity, receipts[0]?.at.getTime() ?? Infinity);
}
