import { planAllowsModel, type PlanLimits } from '#lib/contracts';
import type { GateAssignment, GateState, ModelRequest, PolicyGate, Refusal } from './gate-types.js';
import { orderFor } from './model-gate.js';
import type { Catalogue, ProviderRecord } from './types.js';

/**
 * The gate of the plan (PRODUCT #41, #43): the keys that may serve this call by it, in their order, or the refusal when there is
 * none. What exceeds a limit is read-only, whether caller, workspace or key; and a key is passed over when the model that it
 * would run is not the plan's. The order of models is not bent by it: a default that the plan leaves out is refused by name.
 */
export function withinPlan<A extends GateAssignment>(
  state: GateState<A>,
  catalogue: Catalogue,
  keys: A[],
  request: ModelRequest,
  policies: PolicyGate,
): { keys: A[] } | { refusal: Refusal } {
  const blanket = beyondPlanRefusal(state);
  if (blanket) return { refusal: blanket };
  const writable = keys.filter((key) => !isBeyondPlan(state, key));
  if (writable.length === 0) return { refusal: keyBeyondPlan(state, keys[0]!) };
  const named = writable.map((key) => [key, modelFor(catalogue, key, request, policies)] as const);
  const allowed = named.filter(([key, model]) => model === null || allowsModel(state, key.provider, model));
  if (allowed.length > 0) return { keys: allowed.map(([key]) => key) };
  const [key, model] = named[0]!;
  return { refusal: modelBeyondPlan(state, catalogue.provider(key.provider)!, model ?? '') };
}

/** Whether the plan lets the organization use this model. */
export function allowsModel(state: GateState, provider: string, model: string): boolean {
  return !state.org || planAllowsModel(state.org.planLimits, provider, model);
}

/** Whether a key is one too many for the plan. */
export function isBeyondPlan(state: GateState, key: Pick<GateAssignment, 'aiProviderId'>): boolean {
  return state.beyondPlan.aiProviderIds.includes(key.aiProviderId);
}

/** The refusal for a caller or a workspace that the plan has no room for, whatever is called; else null. */
export function beyondPlanRefusal(state: GateState): Refusal | null {
  const { beyondPlan, principal, workspace } = state;
  if (principal?.beyondPlan) {
    const who = principal.kind === 'token' ? 'The member who owns this token exceeds' : 'You exceed';
    return readOnly(state, 'members', `${who} the members`, 'remove members that are no longer needed');
  }
  if (beyondPlan.workspace) {
    const what = `Workspace "${workspace?.name ?? ''}" exceeds the workspaces`;
    return readOnly(state, 'workspaces', what, 'delete workspaces that are no longer needed');
  }
  return null;
}

/** The refusal for a key that is one too many. */
export function keyBeyondPlan(state: GateState, key: Pick<GateAssignment, 'name' | 'aiProviderId'>): Refusal {
  const what = `The key "${key.name}" (${key.aiProviderId}) exceeds the provider keys`;
  return readOnly(state, 'keys', what, 'delete older keys that are no longer needed');
}

/** The refusal for a call beyond the executions of the month. After a move to a smaller plan more may be used than it allows. */
export function executionsRefusal(used: number, max: number): Refusal {
  return {
    code: 'plan_limit_reached',
    detail: `The plan of this organization allows ${max} agent executions a month, and ${used} are used in this one (UTC). The count starts anew on the 1st; the operator of this Claviger installation can move the organization to a larger plan before.`,
    extras: { limit: 'executionsPerMonth', used, max },
  };
}

/** The refusal for a model that the plan leaves out. */
export function modelBeyondPlan({ org }: GateState, provider: ProviderRecord, model: string): Refusal {
  const shown = model.slice(0, 128);
  const allowed = org?.planLimits.models ?? [];
  return {
    code: 'plan_limit_reached',
    detail:
      `The plan "${org?.plan ?? ''}" of this organization does not include model "${shown}" of ${provider.name}. Pick one of the workspace’s models, ` +
      'or ask an OWNER, who can ask the operator of this Claviger installation for another plan.',
    extras: { limit: 'models', used: null, max: null, allowed, model: shown, provider: provider.slug },
  };
}

function readOnly({ org }: GateState, limit: keyof PlanLimits, what: string, mend: string): Refusal {
  const max = org?.planLimits[limit] ?? null;
  return {
    code: 'plan_read_only',
    detail:
      `${what} that the plan "${org?.plan ?? ''}" allows (${String(max)}) and is read-only: nothing is run with it. An OWNER can ` +
      `${mend}, or ask the operator of this Claviger installation for a larger plan.`,
    extras: { limit, max },
  };
}

/** The model that a key would run, before anything is said about whether it may; null when nothing names one. */
function modelFor(
  catalogue: Catalogue,
  key: GateAssignment,
  request: ModelRequest,
  policies: PolicyGate,
): string | null {
  const provider = catalogue.provider(key.provider);
  return provider ? orderFor(catalogue, provider, key, request, policies).order.model : null;
}
