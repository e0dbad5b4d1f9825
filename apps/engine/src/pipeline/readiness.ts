import { Injectable } from '@nestjs/common';
import type { AuthorisedState } from '#lib/contracts';
import type { QuotaUse } from '#lib/limits';
import { KeyLeases } from '../keys/key-lease.js';
import { RateGate } from '../rates/rate-gate.js';
import { QuotaGate } from '../quotas/quota-gate.js';
import type { CallPlan, CallRequest } from './call-plan.js';
import type { Choice } from './decide.js';

type ReadyCall = Pick<CallPlan, 'request' | 'rates' | 'budget'>;

/** What must be at hand before a call is begun: what opens its key, and, as the last gate, room in its rates. */
@Injectable()
export class CallReadiness {
  constructor(
    private readonly leases: KeyLeases,
    private readonly rates: RateGate,
    private readonly quotas: QuotaGate,
  ) {}

  /** The call as it goes on, and what it counts against. @throws ClavigerError model_not_available, kms_unavailable, rate_limited, overloaded */
  async ready(asked: CallRequest, state: AuthorisedState, choice: Choice): Promise<ReadyCall> {
    if (this.leases.isWarm(asked.caller.orgId, choice.assignment)) {
      const { request, budget } = this.quotas.plan(asked, state, choice);
      const rates = this.rates.ratesOf(request, state, choice);
      if (!rates.admitAtHand()) await rates.admit();
      return { request, rates, budget };
    }
    const call = await this.planned(asked, state, choice);
    await call.rates.admit();
    return call;
  }

  /** The same without room in its rates: whoever begins the call admits it. */
  async planned(asked: CallRequest, state: AuthorisedState, choice: Choice): Promise<ReadyCall> {
    const { request, budget } = this.quotas.plan(asked, state, choice);
    await this.leases.warm(request.caller.orgId, choice.assignment);
    return { request, rates: this.rates.ratesOf(request, state, choice), budget };
  }

  /**
   * The same for another target of a run that is under way: what it may use here is reserved beside what it used before.
   * @throws as `ready` does, and quota_exceeded, budget_exceeded
   */
  async readyAgain(
    asked: CallRequest,
    state: AuthorisedState,
    choice: Choice,
    { runId, holds, used }: UnderWay,
  ): Promise<ReadyCall> {
    const { request, budget } = this.quotas.plan(asked, state, choice, used);
    await this.leases.warm(request.caller.orgId, choice.assignment);
    const rates = await this.rates.admit(request, state, choice);
    try {
      if (holds) await budget?.takeOver(runId);
    } catch (error) {
      rates.end();
      throw error;
    }
    // A quota that is new since the run began does not cover it.
    return { request, rates, budget: holds ? budget : null };
  }
}

/** A run that goes on elsewhere. */
export interface UnderWay {
  runId: string;
  /** Whether it reserved when it began. */
  holds: boolean;
  used: QuotaUse;
}
