import { Inject, Injectable } from '@nestjs/common';
import { buildCatalogue, type Catalogue } from '#lib/catalog';
import type { Clock } from '#lib/kernel';
import type { TenantTx } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogRepository } from './catalog.repository.js';

/** How long what another release of the migrator seeded may take to show, in milliseconds. An operator's edit shows at once. */
const MAX_AGE_MS = 5_000;

/** The platform tier as the database holds it, kept for a few seconds. */
@Injectable()
export class CatalogueSource {
  private kept: { catalogue: Catalogue; readAtMs: number } | undefined;

  constructor(
    private readonly repository: CatalogRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async current(tx: TenantTx): Promise<Catalogue> {
    const nowMs = this.clock.monotonicMs();
    const { kept } = this;
    const isYoung = kept !== undefined && nowMs - kept.readAtMs < MAX_AGE_MS;
    if (isYoung && kept.catalogue.version === (await this.repository.version(tx))) return kept.catalogue;
    const catalogue = buildCatalogue(await this.repository.rows(tx));
    this.kept = { catalogue, readAtMs: nowMs };
    return catalogue;
  }

  /** Slugs of the providers whose gate the organization closed. */
  disabledProviders(tx: TenantTx, orgId: string): Promise<string[]> {
    return this.repository.disabledProviders(tx, orgId);
  }
}
