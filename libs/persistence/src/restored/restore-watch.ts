import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { ClavigerError } from '#lib/contracts';
import { AppError } from '#lib/kernel';
import type { Logger } from '#lib/telemetry';
import { compareEpochs, type Comparison, type Witnesses } from './compare.js';
import type { EpochMemory } from './epoch-memory.js';
import { notCompared, refusalFor, wordsFor } from './refusals.js';
import type { Verdict } from './judge.js';
import type { RestoreStore } from './restore-store.js';

const EVERY_MS = 1_000;
const LOG_EVERY = 60;

export interface WatchOptions extends Witnesses {
  memory: Pick<EpochMemory, 'recall' | 'remember'> | null;
  /** Tells the other processes through the database; the api only listens. */
  tells: boolean;
}

/**
 * Notices that an old copy of the database was restored, once a second (CUSTODY §9, ADR 0020). Until an operator
 * acknowledges it nothing is authorised, since revoked keys and tokens would work again. Nothing is authorised before the first
 * comparison either; one that cannot be made later keeps the last answer.
 */
export class RestoreWatch implements OnModuleInit, BeforeApplicationShutdown {
  #refusal: ClavigerError | undefined = notCompared();
  #comparing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #refusedFor = 0;
  #forgetful = 0;
  readonly #listeners = new Set<(refused: boolean) => void>();
  #told: boolean | undefined;

  constructor(
    private readonly store: Pick<RestoreStore, 'facts' | 'note'>,
    private readonly options: WatchOptions,
    private readonly log: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.compare();
    this.#timer = setInterval(() => void this.compare(), EVERY_MS);
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** Throws `database_restored` while this is an old copy. */
  assertCurrent(): void {
    if (this.#refusal) throw this.#refusal;
  }

  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** Calls `listener` now and at each change, with whether nothing may be done. Answers a function that ends it. */
  onChange(listener: (refused: boolean) => void): () => void {
    this.#listeners.add(listener);
    listener(this.refused);
    return () => this.#listeners.delete(listener);
  }

  /** One at a time: of two that overlap, the one with the older answer could come last. */
  compare(): Promise<void> {
    this.#comparing ??= this.#compare().finally(() => {
      this.#comparing = undefined;
    });
    return this.#comparing;
  }

  async #compare(): Promise<void> {
    try {
      const comparison = await compareEpochs(this.store, this.options);
      const { verdict } = comparison;
      if (verdict.kind === 'present') await this.#present(comparison);
      else await this.#refuse(verdict);
    } catch (error) {
      if (error instanceof AppError && error.code === 'memory_damaged') this.#damaged(error);
      else this.log.warn({ err: error }, 'the epochs of database and checkpoints could not be compared');
    }
    if (this.#told === this.refused) return;
    this.#told = this.refused;
    for (const listener of this.#listeners) listener(this.refused);
  }

  async #present({ database: { newest }, evidence }: Comparison): Promise<void> {
    if (this.#refusedFor > 0) this.log.info({}, 'the database is the present one; calls are taken again');
    this.#refusedFor = 0;
    this.#refusal = undefined;
    if (newest === null) return;
    const checkpoints = Math.max(evidence.file?.epoch ?? 0, evidence.memory?.checkpoints ?? 0);
    try {
      await this.options.memory?.remember({ database: newest, checkpoints });
      this.#forgetful = 0;
    } catch (error) {
      // The comparison itself held: a full disk is no reason to refuse.
      if (this.#forgetful % LOG_EVERY === 0)
        this.log.error({ err: error }, 'the database’s epoch could not be remembered on disk');
      this.#forgetful += 1;
    }
  }

  async #refuse(verdict: Exclude<Verdict, { kind: 'present' }>): Promise<void> {
    this.#refusal = refusalFor(verdict);
    this.#tell(wordsFor(verdict));
    if (!this.options.tells) return;
    if (verdict.kind === 'old_copy') await this.store.note('old_copy', verdict.outside);
    if (verdict.kind === 'no_checkpoints') await this.store.note('no_checkpoints', 0);
  }

  #damaged(error: Error): void {
    this.#refusal = notCompared(error.message);
    this.#tell(error.message);
  }

  #tell(words: string): void {
    if (this.#refusedFor % LOG_EVERY === 0) this.log.error({}, words);
    this.#refusedFor += 1;
  }
}
