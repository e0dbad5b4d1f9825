import { Inject, Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import { LOGGER, type Logger } from '#lib/telemetry';
import { within } from '../within.js';
import { ViolationsStore } from './violations.store.js';
import type { Violation } from './violation.js';

const FLUSH_MS = 250;
const BLOCK_WITHIN_MS = 3_000;
/** What may wait for a database that does not answer; beyond it the newest are given up, and the log says how many. */
const MAX_WAITING = 50_000;
const BATCH = 500;
const BLOCK_BATCH = 50;

/** A refusal that waits for its receipt. */
interface Pending {
  violation: Violation;
  written: () => void;
  failed: (error: unknown) => void;
}

/**
 * Where violations go. A refusal waits for its receipt; a call that goes on waits for nothing, and its receipts are written with
 * others every 250 ms. Refusals are written one batch at a time: a caller who goes on asking for what is forbidden must not
 * take the connections that the others' permissions are read over.
 */
@Injectable()
export class ViolationLog implements OnModuleInit, BeforeApplicationShutdown {
  #waiting: Violation[] = [];
  #pending: Pending[] = [];
  #isBlocking = false;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(ViolationsStore) private readonly store: Pick<ViolationsStore, 'block' | 'note'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Resolves when the refusal is written down for good. Throws `overloaded` when the database does not take it. */
  async block(violation: Violation): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#pending.push({ violation, written: resolve, failed: reject });
    });
    void this.#blockPending();
    await within(written, BLOCK_WITHIN_MS, notWritten);
  }

  note(violations: readonly Violation[]): void {
    const room = Math.max(0, MAX_WAITING - this.#waiting.length);
    if (violations.length > room)
      this.log.error(
        { count: violations.length - room },
        'violations of policies were given up: too many wait',
      );
    this.#waiting.push(...violations.slice(0, room));
  }

  /** Writes what waits; one flush at a time. What cannot be written waits for the next one. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  async #blockPending(): Promise<void> {
    if (this.#isBlocking) return;
    this.#isBlocking = true;
    for (let first = this.#pending[0]; first; first = this.#pending[0]) {
      const { orgId } = first.violation;
      const batch = this.#pending.filter(({ violation }) => violation.orgId === orgId).slice(0, BLOCK_BATCH);
      this.#pending = this.#pending.filter((pending) => !batch.includes(pending));
      try {
        await this.store.block(
          orgId,
          batch.map(({ violation }) => violation),
        );
        for (const { written } of batch) written();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#isBlocking = false;
  }

  async #flushOnce(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const orgId of new Set(waiting.map((violation) => violation.orgId))) {
      const own = waiting.filter((violation) => violation.orgId === orgId);
      for (let at = 0; at < own.length; at += BATCH) await this.#write(orgId, own.slice(at, at + BATCH));
    }
  }

  async #write(orgId: string, violations: Violation[]): Promise<void> {
    try {
      await this.store.note(orgId, violations);
    } catch (error) {
      if (asClavigerError(error).code === 'overloaded') this.note(violations);
      else
        this.log.error(
          { orgId, count: violations.length, err: error },
          'violations were refused by the database',
        );
    }
  }
}

function notWritten(): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'A policy refuses this call, and the engine’s database does not take the record of it right now. Nothing was sent. Try again in a moment; if it lasts, tell the operator of this installation.',
  );
}
