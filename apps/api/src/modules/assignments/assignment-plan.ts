import { Injectable } from '@nestjs/common';
import type { TenantTx } from '#lib/persistence';
import { PlanLimitsService } from '../plan-limits/index.js';
import { handedOver, type Assignment } from './assignment.js';

/** What of a hand-over the plan has a say in. */
@Injectable()
export class AssignmentPlan {
  constructor(private readonly planLimits: PlanLimitsService) {}

  /**
   * Throws plan_read_only when a workspace that exceeds the plan would get something, or a key that exceeds it be handed to one.
   * What is there may stay, be switched off and be taken back.
   */
  async assert(
    tx: TenantTx,
    orgId: string,
    workspaceId: string,
    before: Assignment[],
    wanted: Assignment[],
  ): Promise<void> {
    const given = handedOver(before, wanted);
    if (given.length === 0) return;
    await this.planLimits.assertWritable(tx, orgId, 'workspaces', workspaceId);
    const readOnly = await this.planLimits.readOnly(tx, 'keys');
    const beyond = given.find((id) => readOnly.has(id));
    if (beyond !== undefined) await this.planLimits.assertWritable(tx, orgId, 'keys', beyond);
  }
}
