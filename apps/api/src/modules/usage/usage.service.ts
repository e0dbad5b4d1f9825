import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Catalogue } from '#lib/catalog';
import { notFound } from '#lib/contracts';
import { isId, type Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { toCsv, usageRange } from './usage.js';
import type { UsageDto, UsageQuery, UsageRowDto } from './usage.dto.js';
import { badRange } from './usage.errors.js';
import { UsageRepository } from './usage.repository.js';

const COLUMNS = [
  'group',
  'name',
  'calls',
  'failedCalls',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
  'costMicroUsd',
  'unpricedCalls',
] as const satisfies (keyof UsageRowDto)[];

/** What calls cost, by the day or the minute and what they are grouped by (PRODUCT #52). */
@Injectable()
export class UsageService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: UsageRepository,
    private readonly planLimits: PlanLimitsService,
    private readonly catalogue: CatalogueSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Throws validation_failed for a range that is none, and not_found for a filter by an id that is neither a row nor in a receipt
   * of the organization: a deleted key keeps its receipts (PRODUCT #24). Throws plan_limit_reached for a first day that is older than
   * the plan's history; the usual range begins with it.
   */
  async get(principal: Principal, query: UsageQuery): Promise<UsageDto> {
    const { interval = 'day', groupBy = 'key', workspaceId, aiProviderId } = query;
    const asked = usageRange(query, this.clock.now(), interval);
    if (!asked) throw badRange(interval);
    if (workspaceId !== undefined && !isId('ws', workspaceId)) throw notFound();
    if (aiProviderId !== undefined && !isId('aip', aiProviderId)) throw notFound();
    const { orgId } = principal;
    const filter = { workspaceId, aiProviderId };
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.knows(tx, orgId, filter))) throw notFound();
      const first = await this.planLimits.firstDay(tx, orgId, (query.from ?? query.to)?.slice(0, 10));
      const shown =
        first !== null && asked.from < first
          ? usageRange({ ...asked, from: first }, this.clock.now(), interval)
          : asked;
      if (!shown) throw badRange(interval);
      const pricesAsOf = newestPrice(await this.catalogue.current(tx));
      const how = { ...shown, interval, groupBy };
      return { ...how, pricesAsOf, data: await this.repository.sums(tx, orgId, how, filter) };
    });
  }

  async csv(principal: Principal, query: UsageQuery): Promise<string> {
    const { interval, data } = await this.get(principal, query);
    return toCsv<UsageRowDto>(
      [...(interval === 'day' ? (['day'] as const) : (['minute'] as const)), ...COLUMNS],
      data,
    );
  }
}

/** Days compare as text. */
function newestPrice({ models }: Catalogue): string | null {
  const days = models.flatMap(({ price }) => price?.asOf ?? []);
  return days.reduce<string | null>((newest, day) => (newest !== null && newest >= day ? newest : day), null);
}
