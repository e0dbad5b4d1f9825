import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { buildCatalogue, type Catalogue } from '#lib/catalog';
import { loadCatalogue, PgPool } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';

/** For what another release of the migrator seeded; an operator's own edits come with the state that they go with. */
const REFRESH_MS = 10_000;

/** The platform's providers and models as the database has them; the code's own data until they were first read. */
@Injectable()
export class CatalogueSource implements OnModuleInit, OnApplicationShutdown {
  #current: Catalogue = buildCatalogue();
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;

  constructor(
    private readonly pool: PgPool,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.refresh();
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  get current(): Catalogue {
    return this.#current;
  }

  /**
   * Waits until what is at hand is at least of this version: an operator's change is as fresh as the state that it comes
   * with. Throws when it cannot be read: nothing is authorised by a catalogue that is known to be old.
   */
  async reach(version: number): Promise<void> {
    if (this.#current.version >= version) return;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    await this.#reading;
    if (this.#current.version < version) await this.#read();
  }

  /** Reads the platform tier again; when that fails the last good reading stays. */
  async refresh(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.log.warn({ err: error }, 'the catalogue could not be read again');
    }
  }

  async #read(): Promise<void> {
    const rows = await loadCatalogue(this.pool);
    if (rows.providers.length > 0) this.#current = buildCatalogue(rows);
  }
}
