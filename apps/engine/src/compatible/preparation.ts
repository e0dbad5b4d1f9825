import { Inject, Injectable } from '@nestjs/common';
import { ClavigerError, type AuthorisedState, type PolicyRefusal, type RetentionLevel } from '#lib/contracts';
import { asClavigerError } from '#lib/http';
import type { Clock } from '#lib/kernel';
import {
  mildFindings,
  outputTokenCap,
  strictestRetention,
  type CallFacts,
  type PolicyContent,
} from '#lib/limits';
import { StateCache } from '../keys/state-cache.js';
import type { CallPlan, CallRequest } from '../pipeline/call-plan.js';
import { CatalogueSource } from '../pipeline/catalogue-source.js';
import { decide, type Choice } from '../pipeline/decide.js';
import { CallReadiness } from '../pipeline/readiness.js';
import { assertBeganWith, contentOf } from '../policies/content-rules.js';
import { CLOCK } from '../tokens.js';
import type { Json } from './body/json-walk.js';
import { Decisions } from './decisions.js';
import { inspectBody } from './input-rules.js';
import { sealedPart } from './sealed-parts.js';
import type { AskedCall } from './wire.js';

/** A call that may be made, and what its body is sent with. */
export interface WirePlan extends CallPlan {
  /** Whether it is a call of a model, which counts as an execution and uses something. */
  isMetered: boolean;
  changed: Json;
}

interface Resolved {
  state: AuthorisedState;
  choice: Choice;
  content: PolicyContent;
  changed: Json;
  noted: PolicyRefusal[];
}

const NOTHING: Json = {};

/** Without tokens or context window in the catalogue, what an input that is kept elsewhere is reserved for. */
const UNKNOWN_CONTEXT = 1_000_000;

/**
 * The steps before a relayed call is sent, the same gates in the same order as a run's: each may refuse, and then nothing was opened or
 * written. With a state at hand and no limit that must be asked, nothing here waits for the database.
 */
@Injectable()
export class WirePreparation {
  readonly #decisions = new Decisions();

  constructor(
    private readonly states: StateCache,
    private readonly catalogues: CatalogueSource,
    private readonly readiness: CallReadiness,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async prepare(asked: AskedCall, request: CallRequest, isMetered: boolean): Promise<WirePlan> {
    const { state, choice, content, changed, noted: found } = await this.#resolve(asked, request);
    const facts = this.#facts(asked, state);
    const mild =
      state.policies.length === 0
        ? []
        : mildFindings(state.policies, facts, { provider: choice.provider.slug, model: choice.model });
    const noted = found.length === 0 ? mild : [...mild, ...found];
    const sized = withSize(asked, changed, request, state, choice);
    const { request: ready, rates, budget: reserved } = await this.readiness.ready(sized, state, choice);
    const sent = asSent(asked, ready);
    const check = (now: AuthorisedState): void => {
      // By the very state that it was decided on: it is at most as old as the fence allows.
      if (now === state) return;
      this.#decide(now, sent, choice);
      assertBeganWith(content, now.policies);
    };
    const retention = (): RetentionLevel => this.#retention(state, request);
    const budget = isMetered ? reserved : null;
    const decided = { request: ready, facts, noted, content, retention, state, choice, check };
    return { ...decided, rates, budget, changed, isMetered };
  }

  /** A refusal by a remembered state is asked again of the database: a key that was assigned a moment ago must work at once. */
  async #resolve(asked: AskedCall, { stateKey }: CallRequest): Promise<Resolved> {
    const remembered = this.states.peek(stateKey) ?? (await this.states.get(stateKey));
    try {
      return this.#atOnce(remembered, asked) ?? (await this.#allowed(remembered, asked));
    } catch (error) {
      if (asClavigerError(error).code === 'validation_failed') throw error;
      return this.#allowed(await this.states.get(stateKey, 0), asked);
    }
  }

  /** Where no rule reads what is said. */
  #atOnce(state: AuthorisedState, asked: AskedCall): Resolved | undefined {
    const content = contentOf(state.policies);
    if (content.texts.length + content.judges.length > 0) return undefined;
    return { state, choice: this.#choose(state, asked), content, changed: NOTHING, noted: [] };
  }

  async #allowed(state: AuthorisedState, asked: AskedCall): Promise<Resolved> {
    const choice = this.#choose(state, asked);
    const content = contentOf(state.policies);
    return { state, choice, content, ...(await inspectBody(content, asked.body.whole())) };
  }

  #choose(state: AuthorisedState, asked: AskedCall): Choice {
    const { maxOutputTokens, tools = [] } = this.#facts(asked, state);
    if (asked.hasTools || tools.length > 0) return this.#decide(state, asked);
    const question = {
      ...{ catalogue: this.catalogues.current, now: this.clock.now() },
      ...{ model: asked.model, maxOutputTokens: maxOutputTokens ?? null },
    };
    return this.#decisions.choice(state, question, () => this.#decide(state, asked));
  }

  /** `made`: the choice that must still be possible. */
  #decide(state: AuthorisedState, asked: AskedCall, made?: Choice): Choice {
    const again = made && {
      ...{ pin: made.assignment.aiProviderId, provider: made.provider.slug, model: made.model },
    };
    const needsTools = asked.hasTools;
    const facts = { ...this.#facts(asked, state), underWay: made !== undefined };
    return decide(
      state,
      this.catalogues.current,
      { ...(again ?? { model: asked.model }), needsTools },
      facts,
    );
  }

  #facts(asked: AskedCall, { policies }: AuthorisedState): CallFacts {
    const { maxOutputTokens, answers } = asked;
    return {
      now: this.clock.now(),
      surface: null,
      tools: policies.length === 0 ? [] : asked.tools(),
      maxOutputTokens: maxOutputTokens === null ? null : maxOutputTokens * answers,
    };
  }

  #retention(state: AuthorisedState, { stateKey }: CallRequest): RetentionLevel {
    const newest = this.states.peek(stateKey) ?? state;
    return strictestRetention([state, newest].map(({ policies }) => contentOf(policies).retention));
  }
}

/** The call with what limits in tokens count it by, and the most output that the policies leave it where it names none. */
function withSize(
  asked: AskedCall,
  changed: Json,
  request: CallRequest,
  { policies, quotas }: AuthorisedState,
  { modelInfo }: Choice,
): CallRequest {
  const { answers, hasTools, maxOutputTokens } = asked;
  const cap = outputTokenCap(policies);
  const ended = maxOutputTokens ?? (cap === null || answers === 0 ? undefined : Math.floor(cap / answers));
  if (ended === 0) throw tooManyAnswers(answers, cap ?? 0);
  // What the vendor fetches for it, or keeps, is in no body: it may be as long as the model takes.
  const isElsewhere =
    quotas.length > 0 &&
    (asked.tools().some(({ kind }) => kind !== 'client') || sealedPart(asked.body.whole()) !== null);
  const context = isElsewhere ? (modelInfo.contextWindow ?? UNKNOWN_CONTEXT) : 0;
  // What a rule puts in the place of something may be longer than it was.
  const added = changed === NOTHING ? 0 : Buffer.byteLength(JSON.stringify(changed));
  const bytes = Math.max(asked.body.bytes.length + added, context);
  return {
    ...request,
    agent: { ...request.agent, maxOutputTokens: ended },
    relayed: { bytes, hasTools, answers },
  };
}

/** The call with the end that it was given: rules about it are judged by that from then on. What has no answer needs no end. */
function asSent(asked: AskedCall, { agent }: CallRequest): AskedCall {
  const given = agent.maxOutputTokens ?? (asked.answers === 0 ? 0 : null);
  return { ...asked, maxOutputTokens: asked.maxOutputTokens ?? given };
}

function tooManyAnswers(answers: number, cap: number): ClavigerError {
  return new ClavigerError(
    'validation_failed',
    `A policy leaves this call ${cap} output tokens in all, and it asks for ${answers} answers. Ask for fewer.`,
  );
}
