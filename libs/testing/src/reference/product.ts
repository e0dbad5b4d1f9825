import type { AuthorisedState, StateAssignment } from '#lib/contracts';
import {
  buildCatalogue,
  evaluate,
  listModels,
  passedOver,
  pricedOnly,
  type Catalogue,
  type Evaluation,
  type ModelRequest,
  type PassedOverKey,
  type PolicyGate,
} from '#lib/catalog';
import { policyGate, type CallFacts } from '#lib/limits';
import { catalogueRowsOf } from './as-catalogue.js';
import { keyId, modelOfRequest, nowOf, stateOfWorld } from './as-state.js';
import type { RefAnswer, RefRequest, RefWorld } from './world.js';

/** The product's own functions over a world: what is judged, never a part of the model that judges. */
export class Product {
  readonly state: AuthorisedState;
  readonly catalogue: Catalogue;
  readonly now: Date;

  constructor(world: RefWorld) {
    this.state = stateOfWorld(world);
    this.catalogue = buildCatalogue(catalogueRowsOf(world.vendors));
    this.now = nowOf(world);
  }

  evaluate(request: RefRequest): Evaluation<StateAssignment> {
    const policies = this.#policies(factsOf(request));
    return evaluate(this.state, this.catalogue, wantedOf(request), this.now, policies);
  }

  /** The keys that are said to be passed over, with what is said. */
  passedOver(request: RefRequest, verdict: Evaluation): PassedOverKey[] {
    const policies = this.#policies(factsOf(request));
    return passedOver(this.state, this.catalogue, wantedOf(request), this.now, policies, verdict);
  }

  models(): ReturnType<typeof listModels> {
    return listModels(this.state, this.catalogue, this.now, this.#policies({}));
  }

  /** What a call that names only this model and its provider gets; of its surface, tools and length the list says nothing. */
  named(provider: string, model: string): Evaluation {
    return evaluate(this.state, this.catalogue, { provider, model }, this.now, this.#policies({}));
  }

  #policies(facts: Omit<CallFacts, 'now'>): PolicyGate {
    return pricedOnly(
      policyGate(this.state.policies, { now: this.now, ...facts }),
      this.state,
      this.catalogue,
    );
  }
}

function factsOf({ surface, tools, maxOutputTokens }: RefRequest): Omit<CallFacts, 'now'> {
  return { surface: surface ?? null, tools, maxOutputTokens: maxOutputTokens ?? null };
}

function wantedOf(request: RefRequest): ModelRequest {
  const { provider, surface, tools } = request;
  return { model: modelOfRequest(request), provider, surface, needsTools: tools.length > 0 };
}

/** An answer of the reference model in a line, to be compared and read. */
export function toldByReference(answer: RefAnswer): string {
  if (!answer.ok) return `${answer.gate}: ${answer.code}`;
  const { key, model, step, order } = answer;
  return `key ${keyId(key)}, model ${model} by step ${step}, of ${order.map((one) => keyId(one)).join(' ')}`;
}

/** An answer of the product in the same words. */
export function toldByProduct(verdict: Evaluation): string {
  if (!verdict.ok) return `${verdict.gate}: ${verdict.code}`;
  const { assignment, model, step } = verdict.choice;
  const order = verdict.candidates.map((one) => one.assignment.aiProviderId).join(' ');
  return `key ${assignment.aiProviderId}, model ${model} by step ${step}, of ${order}`;
}
