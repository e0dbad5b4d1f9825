import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { Catalogue } from '#lib/catalog';
import { notFound } from '#lib/contracts';
import { isId, type Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import { CatalogueSource } from '../catalog/index.js';
import { PlanLimitsService } from '../plan-limits/index.js';
import { dayRange, toCsv } from './usage.js';
import type { UsageDto, UsageQuery, UsageRowDto } from './usage.dto.js';
import { badRange } from './usage.errors.js';
import { UsageRepository } from './usage.repository.js';

const COLUMNS = [
  'day',
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

/** What calls cost, by day and what they are grouped by (PRODUCT #52). */
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
    const asked = dayRange(query, this.clock.now());
    if (!asked) throw badRange();
    const { groupBy = 'key', workspaceId, aiProviderId } = query;
    if (workspaceId !== undefined && !isId('ws', workspaceId)) throw notFound();
    if (aiProviderId !== undefined && !isId('aip', aiProviderId)) throw notFound();
    const { orgId } = principal;
    const filter = { workspaceId, aiProviderId };
    return this.db.withOrg(orgId, async (tx) => {
      if (!(await this.repository.knows(tx, orgId, filter))) throw notFound();
      const first = await this.planLimits.firstDay(tx, orgId, query.from);
      const range = { ...asked, from: first !== null && asked.from < first ? first : asked.from };
      const pricesAsOf = newestPrice(await this.catalogue.current(tx));
      return {
        ...range,
        groupBy,
        pricesAsOf,
        data: await this.repository.sums(tx, orgId, range, groupBy, filter),
      };
    });
  }

  async csv(principal: Principal, query: UsageQuery): Promise<string> {
    return toCsv<UsageRowDto>(COLUMNS, (await this.get(principal, query)).data);
  }
}

/** Days compare as text. */
function newestPrice({ models }: Catalogue): string | null {
  const days = models.flatMap(({ price }) => price?.asOf ?? []);
  return days.reduce<string | null>((newest, day) => (newest !== null && newest >= day ? newest : day), null);
}
