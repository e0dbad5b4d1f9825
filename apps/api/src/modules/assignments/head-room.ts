import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Principal } from '#lib/access';
import type { ApiConfig } from '#lib/config';
import type { AuthorisedState, HeadRoom, QuotaRoom, StateAssignment } from '#lib/contracts';
import { toUuid } from '#lib/kernel';
import { quotasFor, rateRoom, scopesOf, type RateRoom, type RateStore } from '#lib/limits';
import { PgPool, withTenantPg } from '#lib/persistence';
import { PgRateStore, RedisRateStore } from '#lib/rate-store';
import { LOGGER, type Logger } from '#lib/telemetry';
import { API_CONFIG } from '../../common/settings.js';
import { executionsCounter } from '../plan-limits/index.js';
import type { Counts } from './counted-gates.js';
import { QuotaRoomReader, shownTo } from './quota-room.js';

/** What is left of what a choice counts against, as it is shown, and as the gates judge it. */
export interface Room {
  headRoom: HeadRoom[] | null;
  quotaRoom: QuotaRoom[];
  counts: Counts;
}

/** What is left of the rate limits, quotas and budgets of a choice, as the engines count it. It draws nothing and opens nothing. */
@Injectable()
export class HeadRoomReader implements OnApplicationShutdown {
  readonly #redis: RateStore | null;

  constructor(
    private readonly pool: PgPool,
    private readonly quotas: QuotaRoomReader,
    @Inject(API_CONFIG) config: Pick<ApiConfig, 'redisUrl' | 'deployment'>,
    @Inject(LOGGER) private readonly log: Logger,
  ) {
    const onTrouble = (error: Error): void =>
      this.log.warn({ err: error }, 'the Redis of the rate limits is in trouble');
    this.#redis =
      config.redisUrl === null ? null : new RedisRateStore(config.redisUrl, config.deployment, onTrouble);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#redis?.close();
  }

  async of(
    principal: Principal,
    state: AuthorisedState,
    key: Pick<StateAssignment, 'aiProviderId' | 'name'>,
    provider: { slug: string; name: string },
    call: { tokens: number; now: Date },
  ): Promise<Room> {
    const { orgId } = principal;
    const rates = await this.#ofRates(orgId, state, key, provider, call.tokens);
    const quotas = await this.quotas.of(orgId, quotasFor(state.quotas, key.aiProviderId));
    const max = state.org?.planLimits.executionsPerMonth ?? null;
    const executions = { max, used: max === null ? 0 : await this.#executions(orgId, call.now) };
    const counts = { delay: rates && rates.delay, executions, quotas };
    const quotaRoom = quotas.map((room) => shownTo(principal, room));
    return { headRoom: rates?.headRoom ?? null, quotaRoom, counts };
  }

  async #executions(orgId: string, now: Date): Promise<number> {
    const { rows } = await withTenantPg(this.pool, orgId, (tx) =>
      tx.query<{ used: number }>('SELECT used FROM plan_counters WHERE org_id = $1 AND resource = $2', [
        toUuid(orgId),
        executionsCounter(now),
      ]),
    );
    return rows[0]?.used ?? 0;
  }

  /** undefined when the counts cannot be read now: an explanation should not fail for it. */
  async #ofRates(
    orgId: string,
    state: AuthorisedState,
    key: Pick<StateAssignment, 'aiProviderId' | 'name'>,
    provider: { slug: string; name: string },
    tokens: number,
  ): Promise<RateRoom | undefined> {
    const inTenant = {
      query: <Row extends object>(text: string, values: unknown[]) =>
        withTenantPg(this.pool, orgId, (tx) => tx.query<Row>(text, values)),
    };
    try {
      const scopes = scopesOf(state, key, provider);
      return await rateRoom(this.#redis ?? new PgRateStore(inTenant), scopes, tokens);
    } catch (error) {
      this.log.warn({ err: error }, 'head-room could not be read');
      return undefined;
    }
  }
}
