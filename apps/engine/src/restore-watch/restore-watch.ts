import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { ClavigerError } from '#lib/contracts';
import type { Logger } from '#lib/telemetry';

/** The two numbers that are compared: 0 where there is none yet. */
export interface Epochs {
  ofDatabase(): Promise<number>;
  /** Of the checkpoints kept outside of the database. */
  outside(): Promise<number>;
}

const EVERY_MS = 1_000;
const LOG_EVERY = 60;

/**
 * Notices that an old copy of the database was restored (CUSTODY §9): its epoch is behind that of the checkpoints kept
 * elsewhere. Until an operator acknowledges it nothing is authorised, since revoked keys and tokens would work again.
 * Nothing is authorised before the first comparison either; one that cannot be made later keeps the last answer.
 */
export class RestoreWatch implements OnModuleInit, BeforeApplicationShutdown {
  #refusal: ClavigerError | undefined = notCompared();
  #timer: NodeJS.Timeout | undefined;
  #behindFor = 0;

  constructor(
    private readonly epochs: Epochs,
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

  async compare(): Promise<void> {
    try {
      // The file first: a checkpoint that is made meanwhile is in the database before it is in the file.
      const outside = await this.epochs.outside();
      this.#compared(await this.epochs.ofDatabase(), outside);
    } catch (error) {
      this.log.warn({ err: error }, 'the epochs of database and checkpoint file could not be compared');
    }
  }

  #compared(here: number, outside: number): void {
    if (here >= outside) {
      if (this.#behindFor > 0)
        this.log.info({}, 'the restored database is acknowledged; calls are taken again');
      this.#behindFor = 0;
      this.#refusal = undefined;
      return;
    }
    this.#refusal = oldCopy();
    if (this.#behindFor % LOG_EVERY === 0) {
      this.log.error(
        {},
        `the database is an old copy: its epoch is ${here}, the checkpoint file's ${outside}. Every call is refused until an operator acknowledges it: npm run audit -- acknowledge-restore (infra/docs/runbooks/restored-database.md)`,
      );
    }
    this.#behindFor += 1;
  }
}

function oldCopy(): ClavigerError {
  return new ClavigerError(
    'database_restored',
    'An old backup of the database was restored, so keys and tokens that were revoked since would work again. No call is sent until the operator of this installation has reviewed and acknowledged it.',
  );
}

function notCompared(): ClavigerError {
  return new ClavigerError(
    'database_restored',
    'Whether this is the present database and not an old backup could not be checked yet. Try again in a moment; if it lasts, tell the operator of this installation.',
  );
}
