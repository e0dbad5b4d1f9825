import {
  evaluate,
  pricedOnly,
  type Catalogue,
  type ModelChoice,
  type ModelRequest,
  type Refusal,
} from '#lib/catalog';
import { ClavigerError, type AuthorisedState, type StateAssignment } from '#lib/contracts';
import { policyGate, type CallFacts } from '#lib/limits';
import { assertCaller, withinDocument } from '../access/caller.js';
import { factsOf } from '../policies/call-facts.js';
import { isPolicyRefusal, PolicyViolation } from '../policies/policy-violation.js';
import type { AgentSpec } from './agent-spec.js';

export type Choice = ModelChoice<StateAssignment>;

/** Which key and model serve `request` by this state. Throws the named error of the first gate that refuses (API.md's order). */
export function decide(
  state: AuthorisedState,
  catalogue: Catalogue,
  request: ModelRequest,
  facts: CallFacts,
): Choice {
  const covered = withinDocument(state, 'agentRuns:CreateAgentRun');
  const { now } = facts;
  const policies = pricedOnly(policyGate(state.policies, facts), state, catalogue);
  const verdict = evaluate(covered, catalogue, request, now, policies);
  if (!verdict.ok) throw refusal(verdict);
  assertCaller(state, 'agentRuns:CreateAgentRun', now);
  return verdict.choice;
}

/** Throws when `choice` could not be made again by this state: its key, model, tools and caller must still pass every gate. */
export function assertStill(
  state: AuthorisedState,
  catalogue: Catalogue,
  choice: Choice,
  agent: AgentSpec,
  now: Date,
): void {
  const { assignment, provider, model } = choice;
  const again = {
    ...{ pin: assignment.aiProviderId, provider: provider.slug, model },
    needsTools: agent.tools.length > 0,
  };
  decide(state, catalogue, again, factsOf(agent, now, { underWay: true }));
}

/** The gates name fields of a model request (`/provider`); here those are fields of the agent. */
function refusal(given: Refusal): ClavigerError {
  if (isPolicyRefusal(given)) return new PolicyViolation(given.detail, given.extras);
  const { code, detail, extras, errors } = given;
  const here = errors?.map((fault) => ({ ...fault, pointer: `/agent${fault.pointer}` }));
  return new ClavigerError(code, detail, { extras, errors: here });
}
