import { Injectable } from '@nestjs/common';
import { isCap, unpricedRefusal } from '#lib/catalog';
import { ClavigerError, type AuthorisedState } from '#lib/contracts';
import { capsOutput, DEFAULT_OUTPUT_TOKENS, expectedBytes, quotasFor, type QuotaUse } from '#lib/limits';
import type { CallRequest } from '../pipeline/call-plan.js';
import type { Choice } from '../pipeline/decide.js';
import { CallBudget } from './call-budget.js';
import { QuotaStore } from './quota.store.js';

/** Which quotas and budgets a call counts against, and what it must reserve of them. A call without any pays for none of it. */
@Injectable()
export class QuotaGate {
  constructor(private readonly store: QuotaStore) {}

  /**
   * The call with an end to its answer, where a quota needs one; null where no quota covers it. A run that may go on with other keys
   * reserves from its beginning, though it be nothing: what is reserved then has a place. @throws ClavigerError model_not_available
   */
  plan(
    request: CallRequest,
    { quotas: all }: AuthorisedState,
    choice: Choice,
    used?: QuotaUse,
  ): { request: CallRequest; budget: CallBudget | null } {
    const { assignment, modelInfo, provider, model } = choice;
    const quotas = quotasFor(all, assignment.aiProviderId);
    const mayMove = (request.agent.routes ?? []).length > 0 && all.length > 0;
    if (quotas.length === 0 && !mayMove) return { request, budget: null };
    const { price } = modelInfo;
    const cap = quotas.find(isCap);
    if (cap && !price) {
      const { code, detail, extras } = unpricedRefusal(modelInfo, cap);
      throw new ClavigerError(code, detail, { extras });
    }
    const agent = withEnd(request.agent, capsOutput(quotas));
    const { aiProviderId, keyVersion } = assignment;
    const holder = { aiProviderId, keyVersion, provider: provider.slug, model, price };
    const { relayed } = request;
    const budget = new CallBudget({
      quotas,
      price,
      isContinued: agent.continued !== undefined,
      hasTools: relayed?.hasTools ?? agent.tools.length > 0,
      outputTokens: (agent.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS) * (relayed?.answers ?? 1),
      firstBytes: relayed?.bytes ?? expectedBytes(agent),
      usedBefore: used,
      extend: (runId, hold) => this.store.extend(request.caller.orgId, runId, hold, holder),
    });
    return { request: { ...request, agent }, budget };
  }
}

function withEnd(agent: CallRequest['agent'], isNeeded: boolean): CallRequest['agent'] {
  if (!isNeeded || agent.maxOutputTokens !== undefined) return agent;
  return { ...agent, maxOutputTokens: DEFAULT_OUTPUT_TOKENS };
}
