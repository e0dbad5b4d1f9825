import { Inject, Injectable } from '@nestjs/common';
import { planLimitsOf } from '#lib/contracts';
import { fromUuid, type Clock } from '#lib/kernel';
import { TenantDb, type TenantTx } from '#lib/persistence';
import { CLOCK } from '../../common/tokens.js';
import {
  COUNTED,
  executionsCounter,
  howToRaise,
  whatToDo,
  type ClaimedResource,
  type CountedResource,
  type PlanUse,
} from './plan-limit.js';
import type { PlanDto } from './plan-limits.dto.js';
import { historyTooShort, planLimitReached, planReadOnly } from './plan-limits.errors.js';
import { PlanLimitsRepository } from './plan-limits.repository.js';

const DAY_MS = 86_400_000;
const PREFIX = { keys: 'aip', workspaces: 'ws', members: 'mem' } as const;

@Injectable()
export class PlanLimitsService {
  constructor(
    private readonly db: TenantDb,
    private readonly repository: PlanLimitsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async describe(orgId: string): Promise<PlanDto> {
    return this.db.withOrg(orgId, async (tx) => {
      const plan = await this.repository.plan(tx, orgId);
      const limits = planLimitsOf(plan.limits);
      const used = await this.used(tx, orgId);
      const beyond = await this.repository.beyondPlan(tx);
      const standing = COUNTED.map((limit) => {
        const readOnly = beyond.filter(({ resource }) => resource === limit).length;
        const [max, use] = [limits[limit], used[limit]];
        return { limit, used: use, max, readOnly, whatToDo: whatToDo(limit, max, use, readOnly) };
      });
      return { plan: plan.slug, limits, used, standing, howToRaise: howToRaise(plan.slug, orgId) };
    });
  }

  /**
   * Takes one unit of a counted limit, in the transaction that inserts what is counted; rolling that back gives it back.
   * Call it before the insert: the counter's row then orders everybody who waits. Throws plan_limit_reached.
   */
  async claim(tx: TenantTx, orgId: string, resource: ClaimedResource): Promise<void> {
    await this.repository.holdPlan(tx, orgId);
    const plan = await this.repository.plan(tx, orgId);
    const max = planLimitsOf(plan.limits)[resource];
    if (await this.repository.take(tx, orgId, resource, max)) return;
    const used = (await this.repository.used(tx, orgId)).get(resource) ?? 0;
    throw planLimitReached(orgId, plan.slug, resource, used, max ?? used);
  }

  /** Gives one unit back, in the transaction that deletes what is counted and that has seen it exist (locked its row). */
  async release(tx: TenantTx, orgId: string, resource: ClaimedResource): Promise<void> {
    await this.repository.giveBack(tx, orgId, resource);
  }

  /** The ids of what exceeds the plan now: read-only until there is room again (PRODUCT #43). */
  async readOnly(tx: TenantTx, resource: CountedResource): Promise<Set<string>> {
    const beyond = await this.repository.beyondPlan(tx);
    return new Set(
      beyond.filter((row) => row.resource === resource).map(({ id }) => fromUuid(PREFIX[resource], id)),
    );
  }

  /**
   * Throws plan_read_only when this may not be written to. In the transaction of the write, which the organization's move to
   * another plan then waits for.
   */
  async assertWritable(tx: TenantTx, orgId: string, resource: CountedResource, id: string): Promise<void> {
    await this.repository.holdPlan(tx, orgId);
    if (!(await this.readOnly(tx, resource)).has(id)) return;
    const plan = await this.repository.plan(tx, orgId);
    throw planReadOnly(orgId, plan.slug, resource, planLimitsOf(plan.limits)[resource]);
  }

  /**
   * The first day (YYYY-MM-DD, UTC) whose receipts the plan shows; null: all. Throws plan_limit_reached when `asked` is before it.
   */
  async firstDay(tx: TenantTx, orgId: string, asked?: string): Promise<string | null> {
    const plan = await this.repository.plan(tx, orgId);
    const days = planLimitsOf(plan.limits).historyDays;
    if (days === null) return null;
    const today = Date.parse(this.clock.now().toISOString().slice(0, 10));
    const first = new Date(today - (days - 1) * DAY_MS).toISOString().slice(0, 10);
    if (asked === undefined || asked >= first) return first;
    throw historyTooShort(orgId, plan.slug, Math.round((today - Date.parse(asked)) / DAY_MS) + 1, days);
  }

  private async used(tx: TenantTx, orgId: string): Promise<PlanUse> {
    const used = await this.repository.used(tx, orgId);
    return {
      keys: used.get('keys') ?? 0,
      workspaces: used.get('workspaces') ?? 0,
      members: used.get('members') ?? 0,
      executionsPerMonth: used.get(executionsCounter(this.clock.now())) ?? 0,
      mcpServers: used.get('mcpServers') ?? 0,
    };
  }
}
