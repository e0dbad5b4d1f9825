import { Inject, Injectable } from '@nestjs/common';
import type { ClavigerError } from '#lib/contracts';
import type { Clock } from '#lib/kernel';
import { assertCaller } from '../access/caller.js';
import { assertEngineToken } from '../access/workspace.guard.js';
import { RunEnds } from '../agent-runs/run-ends.js';
import { reservationOf } from '../agent-runs/run-ledger.js';
import type { RunHandle } from '../agent-runs/run-handle.js';
import { StateCache } from '../keys/state-cache.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { CallPreparation } from '../pipeline/prepare.js';
import { SendMark } from '../pipeline/send-mark.js';
import { continuedAgent } from '../run-pauses/conversation.js';
import { CLOCK } from '../tokens.js';
import type { Claim } from './claim.js';
import { keptRequestOf, stateKeyOf } from './kept-request.js';
import { RunQueueStore, type ClaimedRun } from './run-queue.store.js';

export interface ClaimedCall {
  plan: CallPlan;
  mark: SendMark;
}

/** The run has a newer claim than ours: nothing may be said or done of it here. */
export class PassedOn extends Error {}

/** Makes a call of what a queued run was asked: the caller, their rights, the key and the limits are those of now. */
@Injectable()
export class ClaimedCalls {
  constructor(
    private readonly states: StateCache,
    private readonly preparation: CallPreparation,
    private readonly store: RunQueueStore,
    private readonly ends: RunEnds,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws what any gate refuses by now, the caller's own revocation included. */
  async prepare(claim: Claim, kept: ClaimedRun, signal: AbortSignal): Promise<ClaimedCall> {
    const request = await this.#requestOf(claim, kept);
    signal.throwIfAborted();
    const plan = await this.preparation.prepare(request);
    try {
      const { notedPolicies } = keptRequestOf(kept);
      const noted = plan.noted.filter(({ policy }) => !notedPolicies.includes(policy.id));
      this.ends.begun({ request, noted }, claim.runId);
      if (!(await this.store.reserve(claim, reservationOf(plan, claim.runId)))) throw new PassedOn();
      return { plan, mark: new SendMark(() => this.store.mark(claim)) };
    } catch (error) {
      plan.rates.end();
      throw error;
    }
  }

  /** Ends a run that was not begun, by the name of what refused it. */
  refuse(claim: Claim, kept: ClaimedRun, handle: RunHandle, refusal: ClavigerError): Promise<void> {
    return this.ends.refuse(
      claim,
      { asked: keptRequestOf(kept), principalId: kept.principal_id, before: kept.result },
      handle,
      refusal,
    );
  }

  async #requestOf({ workspaceId }: Claim, kept: ClaimedRun): Promise<CallRequest> {
    const { notedPolicies: _, lastEvent: __, agent, ...asked } = keptRequestOf(kept);
    const stateKey = stateKeyOf(kept, workspaceId);
    const state = await this.states.get(stateKey);
    const caller = assertCaller(state, 'agentRuns:CreateAgentRun', this.clock.now());
    assertEngineToken(caller.principal.tokenKind);
    return { ...asked, agent: continuedAgent(agent, kept.result), caller, stateKey };
  }
}
