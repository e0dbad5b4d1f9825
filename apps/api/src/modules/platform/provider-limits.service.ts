import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import { buildCatalogue } from '#lib/catalog';
import type { RateLimits } from '#lib/contracts';
import { loadCatalogue, PgPool, TenantDb } from '#lib/persistence';
import { LOGGER, type Logger } from '#lib/telemetry';
import { changePlatform, recordAct } from '../../common/platform-changes.js';
import { unknownProvider } from '../catalog/index.js';
import type { ProviderLimitsDto, ProviderLimitsListDto } from './provider-limits.dto.js';
import { ProviderLimitsRepository } from './provider-limits.repository.js';

/** How much each organization may send to a provider: the operator's to say. */
@Injectable()
export class ProviderLimitsService {
  constructor(
    private readonly pool: PgPool,
    private readonly db: TenantDb,
    private readonly repository: ProviderLimitsRepository,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  async list(): Promise<ProviderLimitsListDto> {
    return { data: await this.repository.list() };
  }

  /** Replaces the limits of `slug`; the engines know within two seconds. The same again changes nothing. Throws unknown_provider. */
  async set(slug: string, { rpm, rpd, tpm }: RateLimits): Promise<ProviderLimitsDto> {
    const catalogue = buildCatalogue(await loadCatalogue(this.pool));
    if (!catalogue.provider(slug)) throw unknownProvider(catalogue);
    const limits = {
      ...(rpm === undefined ? {} : { rpm }),
      ...(rpd === undefined ? {} : { rpd }),
      ...(tpm === undefined ? {} : { tpm }),
    };
    await changePlatform(this.db, async (tx) => {
      const before = await this.repository.get(tx, slug);
      if (isDeepStrictEqual(before, limits)) return;
      await this.repository.set(tx, slug, limits);
      const change = { limits: [before, limits] };
      await recordAct(tx, { action: 'platform:SetProviderLimits', target: slug, change });
    });
    const outcome = Object.entries(limits).map(([metric, limit]) => `${metric} ${limit}`);
    this.log.warn(
      { gate: 'rate', provider: slug, outcome: outcome.join(', ') || 'none' },
      'the operator set rate limits of a provider',
    );
    return { provider: slug, limits };
  }
}
