import { evaluate, type Catalogue, type ModelChoice, type ModelRequest, type Refusal } from '#lib/catalog';
import { ClavigerError, type AuthorisedState, type StateAssignment } from '#lib/contracts';
import { assertCaller, withinDocument } from '../access/caller.js';

export type Choice = ModelChoice<StateAssignment>;

/** Which key and model serve `request` by this state. Throws the named error of the first gate that refuses (API.md's order). */
export function decide(
  state: AuthorisedState,
  catalogue: Catalogue,
  request: ModelRequest,
  now: Date,
): Choice {
  const verdict = evaluate(withinDocument(state, 'agentRuns:CreateAgentRun'), catalogue, request, now);
  if (!verdict.ok) throw refusal(verdict);
  assertCaller(state, 'agentRuns:CreateAgentRun', now);
  return verdict.choice;
}

/** Throws when `choice` could not be made again by this state: its key, its model and its caller must still pass every gate. */
export function assertStill(
  state: AuthorisedState,
  catalogue: Catalogue,
  choice: Choice,
  needsTools: boolean,
  now: Date,
): void {
  const { assignment, provider, model } = choice;
  decide(state, catalogue, { pin: assignment.aiProviderId, provider: provider.slug, model, needsTools }, now);
}

/** The gates name fields of a model request (`/provider`); here those are fields of the agent. */
function refusal({ code, detail, extras, errors }: Refusal): ClavigerError {
  const here = errors?.map((fault) => ({ ...fault, pointer: `/agent${fault.pointer}` }));
  return new ClavigerError(code, detail, { extras, errors: here });
}
