import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { KmsError } from '#lib/kms';
import { RestoreWatch } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { KeyRewrapService, type RewrapReport } from './key-rewrap.service.js';
import { OwnKeyRewrapService } from './own-key-rewrap.service.js';

const AGAIN_MS = 5_000;
/** A process that still seals under the old master key is noticed within this time. */
const LOOK_MS = 60_000;

/** Runs passes from boot on until nothing remains, and then looks whether something came after all. */
@Injectable()
export class KeyRewrapProcessor implements OnApplicationBootstrap, OnApplicationShutdown {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #told = false;

  constructor(
    private readonly service: KeyRewrapService,
    private readonly ownKeys: OwnKeyRewrapService,
    private readonly watch: RestoreWatch,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.wake(0);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.service.stop();
    this.ownKeys.stop();
    await this.#running;
  }

  private wake(afterMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // An old copy's data keys may be under keys that are given up since: nothing is asked of a KMS for it.
      if (this.watch.refused) return this.wake(AGAIN_MS);
      this.#running = Promise.all([this.run(), this.runOwn()]).then(([waitMs]) => this.wake(waitMs));
    }, afterMs);
  }

  /** Answers how long to wait for the next pass, in ms. */
  private async run(): Promise<number> {
    try {
      const report = await this.service.pass();
      this.tell(report);
      return report.remaining.length === 0 ? LOOK_MS : AGAIN_MS;
    } catch (err) {
      const code = err instanceof KmsError ? err.kind : undefined;
      this.log.warn({ err, code }, 'the re-wrap can’t go on; it continues by itself in a few seconds');
      return AGAIN_MS;
    }
  }

  /** Organizations' own keys: what fails there is between them and their cloud, and holds up nobody else. */
  private async runOwn(): Promise<void> {
    try {
      const count = await this.ownKeys.pass();
      if (count > 0) this.log.info({ count }, 'data keys were moved to organizations’ newer own KMS keys');
    } catch (err) {
      this.log.warn({ err }, 'the re-wrap of organizations’ own keys can’t go on; it continues by itself');
    }
  }

  private tell({ rewrapped, damaged, remaining }: RewrapReport): void {
    for (const { kmsRef, versions } of remaining) {
      this.log.warn(
        { kmsRef, count: versions },
        'data keys are still under this master key: do not disable it',
      );
    }
    if (remaining.length > 0 || (this.#told && rewrapped === 0)) return;
    this.#told = true;
    this.log.info(
      { count: rewrapped, rows: damaged },
      'the re-wrap is complete: no stored data key needs the old master key',
    );
  }
}
