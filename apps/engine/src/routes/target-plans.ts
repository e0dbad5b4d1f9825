import { Inject, Injectable } from '@nestjs/common';
import type { AuthorisedState, PolicyRefusal } from '#lib/contracts';
import { mildFindings } from '#lib/limits';
import type { Clock } from '#lib/kernel';
import { StateCache } from '../keys/state-cache.js';
import type { RouteTarget } from '../pipeline/agent-spec.js';
import type { CallPlan } from '../pipeline/call-plan.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { assertStill, decide, type Choice } from '../pipeline/decide.js';
import { CallReadiness, type UnderWay } from '../pipeline/readiness.js';
import { assertCountable } from '../pipeline/stop-conditions.js';
import { factsOf } from '../policies/call-facts.js';
import { assertBeganWith } from '../policies/content-rules.js';
import { CLOCK } from '../tokens.js';

/** A target that passed the gates which read state alone. */
export interface ChosenTarget {
  state: AuthorisedState;
  choice: Choice;
}

/** A further target of a run, through every gate that its first one passed, by the state of this moment (PRODUCT #14, #39). */
@Injectable()
export class TargetPlans {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    private readonly readiness: CallReadiness,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws the named error of the first gate that refuses. */
  async choose(plan: CallPlan, target: RouteTarget): Promise<ChosenTarget> {
    const { agent, stateKey } = plan.request;
    const state = await this.states.get(stateKey);
    assertBeganWith(plan.content, state.policies);
    const { model, provider, aiProviderId: pin } = target;
    const wanted = { model, provider, pin, surface: agent.surface, needsTools: agent.tools.length > 0 };
    const facts = factsOf(agent, this.clock.now(), { underWay: true });
    const choice = decide(state, this.catalogues.current, wanted, facts);
    assertCountable(agent, choice);
    return { state, choice };
  }

  /** What opens its key, what it reserves, and room in its rates. `leftMs`: what the run has left of its time. */
  async ready(
    plan: CallPlan,
    { state, choice }: ChosenTarget,
    leftMs: number,
    underWay: UnderWay,
  ): Promise<CallPlan> {
    const asked = { ...plan.request, agent: { ...plan.request.agent, timeoutMs: leftMs } };
    const { request, rates, budget } = await this.readiness.readyAgain(asked, state, choice, underWay);
    const check = (now: AuthorisedState): void => {
      assertStill(now, this.catalogues.current, choice, request.agent, this.clock.now());
      assertBeganWith(plan.content, now.policies);
    };
    return { ...plan, request, state, choice, check, rates, budget };
  }

  /** Rules that only ask to be told, and that this target breaks where the first one did not. */
  mild(plan: CallPlan, { state, choice }: ChosenTarget): PolicyRefusal[] {
    const told = new Set(plan.noted.map((broken) => JSON.stringify(broken)));
    const target = { provider: choice.provider.slug, model: choice.model };
    return mildFindings(state.policies, plan.facts, target).filter(
      (broken) => !told.has(JSON.stringify(broken)),
    );
  }
}
