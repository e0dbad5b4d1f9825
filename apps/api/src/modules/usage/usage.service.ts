import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#lib/access';
import { isId, type Clock } from '#lib/kernel';
import { TenantDb } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
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
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws validation_failed for a range that is none. A filter by an id that is unknown finds nothing. */
  async get(principal: Principal, query: UsageQuery): Promise<UsageDto> {
    const range = dayRange(query, this.clock.now());
    if (!range) throw badRange();
    const { groupBy = 'key', workspaceId, aiProviderId } = query;
    const malformed =
      (workspaceId !== undefined && !isId('ws', workspaceId)) ||
      (aiProviderId !== undefined && !isId('aip', aiProviderId));
    if (malformed) return { ...range, groupBy, data: [] };
    const { orgId } = principal;
    const data = await this.db.withOrg(orgId, (tx) =>
      this.repository.sums(tx, orgId, range, groupBy, { workspaceId, aiProviderId }),
    );
    return { ...range, groupBy, data };
  }

  async csv(principal: Principal, query: UsageQuery): Promise<string> {
    return toCsv<UsageRowDto>(COLUMNS, (await this.get(principal, query)).data);
  }
}
