import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { buildCatalogue, type Catalogue } from '#lib/catalog';
import { loadCatalogue, PgPool } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';

/** Providers and models are edited without a deploy: this is how old an edit may get before it is seen. */
const REFRESH_MS = 10_000;

/** The platform's providers and models as the database has them; the code's own data until they were first read. */
@Injectable()
export class CatalogueSource implements OnModuleInit, OnApplicationShutdown {
  #current: Catalogue = buildCatalogue();
  #timer: NodeJS.Timeout | undefined;

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

  /** Reads the platform tier again; when that fails the last good reading stays. */
  async refresh(): Promise<void> {
    try {
      const rows = await loadCatalogue(this.pool);
      if (rows.providers.length > 0) this.#current = buildCatalogue(rows);
    } catch (error) {
      this.log.warn({ err: error }, 'the catalogue could not be read again');
    }
  }
}
