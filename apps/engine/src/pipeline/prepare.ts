import { Inject, Injectable } from '@nestjs/common';
import type { EgressGuard } from '#lib/egress';
import type { AuthorisedState, RetentionLevel } from '#lib/contracts';
import { mildFindings, outputTokenCap, strictestRetention, type PolicyContent } from '#lib/limits';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import { StateCache } from '../keys/state-cache.js';
import { CLOCK, EGRESS_GUARD } from '../tokens.js';
import { factsOf } from '../policies/call-facts.js';
import { assertBeganWith, contentOf } from '../policies/content-rules.js';
import { inspectInput, type InspectedInput } from '../policies/inspect-input.js';
import { assertTools } from '../tools/assert-tools.js';
import { vetTools } from '../tools/vet-tools.js';
import type { CallPlan, CallRequest, VettedCall } from './call-plan.js';
import { CatalogueSource } from './catalogue-source.js';
import { assertStill, decide, type Choice } from './decide.js';
import { CallReadiness } from './readiness.js';
import { assertCountable } from './stop-conditions.js';
import { vetRoutes } from '../routes/vet-routes.js';

interface Resolved extends InspectedInput {
  state: AuthorisedState;
  choice: Choice;
  content: PolicyContent;
}

/** The steps of a call before anything is reserved: each may refuse, and then no socket was opened and no row was written. */
@Injectable()
export class CallPreparation {
  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    private readonly readiness: CallReadiness,
    @Inject(EGRESS_GUARD) private readonly egress: EgressGuard,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** What `prepare` would refuse of a call that runs later, and how much of it may be kept. Nothing is counted. */
  async vet(asked: CallRequest): Promise<VettedCall> {
    const { state, choice, agent, noted: found } = await this.#resolve(asked);
    const facts = factsOf(asked.agent, this.clock.now());
    const target = { provider: choice.provider.slug, model: choice.model };
    await vetTools(agent.tools, this.egress, asked.caller.orgId);
    const noted = [...mildFindings(state.policies, facts, target), ...found];
    const retention = this.#retention(state, asked);
    return { request: { ...asked, agent }, facts, noted, retention, state };
  }

  async prepare(asked: CallRequest): Promise<CallPlan> {
    const plan = await this.plan(asked);
    await plan.rates.admit();
    return plan;
  }

  /** As `prepare`, without room in the call's rates: whoever begins it admits it, once nobody else has its node execution. */
  async plan(asked: CallRequest): Promise<CallPlan> {
    const { state, choice, content, agent, noted: found } = await this.#resolve(asked);
    const facts = factsOf(asked.agent, this.clock.now());
    const target = { provider: choice.provider.slug, model: choice.model };
    const noted = [...mildFindings(state.policies, facts, target), ...found];
    await vetTools(agent.tools, this.egress, asked.caller.orgId);
    const capped = withinCap({ ...asked, agent }, state);
    const { request, rates, budget } = await this.readiness.planned(capped, state, choice);
    const check = (now: AuthorisedState): void => {
      assertStill(now, this.catalogues.current, choice, request.agent, this.clock.now());
      assertTools(now, request.agent.tools);
      assertBeganWith(content, now.policies);
    };
    const retention = (): RetentionLevel => this.#retention(state, request);
    return { request, facts, noted, content, retention, state, choice, check, rates, budget };
  }

  /** A policy that came in meanwhile may ask for less to be kept; one that went asks for it still. */
  #retention(state: AuthorisedState, { stateKey }: CallRequest): RetentionLevel {
    const newest = this.states.peek(stateKey) ?? state;
    return strictestRetention([state, newest].map(({ policies }) => contentOf(policies).retention));
  }

  /** A refusal by a remembered state is asked again of the database: a key that was assigned a moment ago must work at once. */
  async #resolve(request: CallRequest): Promise<Resolved> {
    const remembered = await this.states.get(request.stateKey);
    try {
      return await this.#allowed(remembered, request);
    } catch (error) {
      if (asClavigerError(error).code === 'validation_failed') throw error;
      const fresh = await this.states.get(request.stateKey, 0);
      return this.#allowed(fresh, request);
    }
  }

  /** What is said is read last of all: what is refused anyway need not be read. */
  async #allowed(state: AuthorisedState, request: CallRequest): Promise<Resolved> {
    const choice = this.#decide(state, request);
    assertCountable(request.agent, choice);
    vetRoutes(request.agent.routes ?? [], state, this.catalogues.current);
    assertTools(state, request.agent.tools);
    const content = contentOf(state.policies);
    return { state, choice, content, ...(await inspectInput(content, request.agent)) };
  }

  #decide(state: AuthorisedState, { agent }: CallRequest): Choice {
    const { model, provider, surface, tools } = agent;
    return decide(
      state,
      this.catalogues.current,
      { model, provider, surface, needsTools: tools.length > 0 },
      factsOf(agent, this.clock.now()),
    );
  }
}

/** The call with the most output that the policies leave it, where it names no limit of its own. */
function withinCap(request: CallRequest, { policies }: AuthorisedState): CallRequest {
  const cap = outputTokenCap(policies);
  if (cap === null || request.agent.maxOutputTokens !== undefined) return request;
  return { ...request, agent: { ...request.agent, maxOutputTokens: cap } };
}
