import { Inject, Injectable } from '@nestjs/common';
import { isCap, unpricedRefusal } from '#lib/catalog';
import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import { expectedBytes } from '#lib/limits';
import type { Clock } from '#lib/kernel';
import { LOGGER, type Logger } from '#lib/telemetry';
import { CallBudget } from '../quotas/call-budget.js';
import { JudgeChargeStore, type JudgeCharge } from '../quotas/judge-charge.store.js';
import { CLOCK } from '../tokens.js';
import type { CallPlan } from './call-plan.js';
import { CallReceipts, type Settlement } from './call-receipts.js';

type JudgeCall = Pick<CallPlan, 'request' | 'choice'>;

/** What a judge's question costs: charged before it is asked, corrected when it is answered, with a receipt of its own. */
@Injectable()
export class JudgeBill {
  constructor(
    private readonly receipts: CallReceipts,
    private readonly charges: JudgeChargeStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
  ) {}

  /** null where no quota covers it. @throws ClavigerError quota_exceeded, budget_exceeded, model_not_available (no price) */
  async open(call: JudgeCall, { quotas }: AuthorisedState, runId: string): Promise<JudgeCharge | null> {
    const { caller, agent, userId, workflowId } = call.request;
    const { assignment, provider, model, modelInfo } = call.choice;
    const { price } = modelInfo;
    const covering = quotas.filter(
      ({ scope }) => scope.type !== 'key' || scope.id === assignment.aiProviderId,
    );
    const cap = covering.find(isCap);
    if (cap && !price) {
      const { code, detail, extras } = unpricedRefusal(modelInfo, cap);
      throw new ClavigerError(code, detail, { extras });
    }
    const { use } = new CallBudget({
      ...{ quotas: [], price, hasTools: false, outputTokens: agent.maxOutputTokens ?? 0 },
      firstBytes: expectedBytes(agent),
      extend: () => Promise.resolve(),
    }).hold;
    const { inputTokens, outputTokens, costMicroUsd } = use;
    const worst = {
      ...{
        orgId: caller.orgId,
        runId,
        workspaceId: caller.workspaceId,
        aiProviderId: assignment.aiProviderId,
      },
      ...{ keyVersion: assignment.keyVersion, provider: provider.slug, model, principalId: caller.actor },
      ...{ userId, workflowId, purpose: 'judge' as const, price, at: this.clock.now(), costMicroUsd },
      tokens: { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0 },
    };
    return this.charges.charge({ worst, quotas });
  }

  /** Its receipt, and the correction of what was charged for it. A database that does not take it leaves the charge as it is. */
  async close(
    charge: JudgeCharge | null,
    settlement: Omit<Settlement, 'purpose' | 'isWritten'>,
  ): Promise<void> {
    const { calls } = this.receipts.settle({ ...settlement, purpose: 'judge', isWritten: charge !== null });
    if (!charge) return;
    await this.charges.correct(charge, calls[0]).catch((error: unknown) => {
      this.log.warn(
        { runId: settlement.runId, err: error },
        'what a judge was charged could not be corrected',
      );
    });
  }
}
