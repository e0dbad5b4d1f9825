import type { FieldFault } from '#lib/kernel';
import type { AuthorisedState, ErrorCode, ModelLifecycle, StateAssignment } from '#lib/contracts';
import type { ModelRecord, ProviderRecord } from './types.js';

/** The part of an assignment that the gates read: no ciphertext, so that the control plane can resolve too. */
export type GateAssignment = Pick<
  StateAssignment,
  | 'aiProviderId'
  | 'name'
  | 'provider'
  | 'baseUrl'
  | 'config'
  | 'keyDefaultModel'
  | 'keyModels'
  | 'enabled'
  | 'expiresAt'
  | 'priority'
  | 'weight'
  | 'active'
  | 'assignmentDefaultModel'
  | 'assignmentModels'
  | 'secretId'
>;

/** What the gates decide on; an `AuthorisedState` is one. */
export type GateState<A extends GateAssignment = GateAssignment> = Pick<
  AuthorisedState,
  | 'killSwitch'
  | 'orgKillSwitch'
  | 'principal'
  | 'org'
  | 'workspace'
  | 'disabledProviders'
  | 'beyondPlan'
  | 'modelAliases'
  | 'quotas'
  | 'priceOverrides'
> & { assignments: A[] };

/** What a caller asks for; everything is optional. */
export interface ModelRequest {
  /** A model id, or `@slug/model`, or `@aip_…/model`. */
  model?: string | undefined;
  provider?: string | undefined;
  surface?: string | undefined;
  /** Whether the call brings tools. */
  needsTools?: boolean | undefined;
  /** The one key to use (`aip_…`). */
  pin?: string | undefined;
}

/** The gates in the order of API.md, as far as the state alone answers them. */
export const GATES = [
  'kill_switch',
  'token',
  'provider',
  'org_gate',
  'key',
  'plan',
  'policy',
  'curated',
  'capability',
] as const;
/** What is counted is asked last, in the order in which a run draws from it: rate, executions of the plan, quotas and budgets. */
export const COUNTED_GATES = ['rate', 'executions', 'budget'] as const;
export type Gate = (typeof GATES)[number] | (typeof COUNTED_GATES)[number];

/** What one gate said. */
export interface GateTrace {
  gate: Gate;
  ok: boolean;
  detail: string;
}

/** A refusal as a problem carries it. */
export interface Refusal {
  code: ErrorCode;
  /** What is wrong, what to do next, and who can do it. */
  detail: string;
  extras?: Record<string, unknown>;
  /** Where in the request the fault is, relative to the request's own members. */
  errors?: FieldFault[];
}

/** What the policies say of a call: made beside the gates, of the same state, and asked by them in their order. */
export interface PolicyGate {
  /** What refuses the call, whatever provider and model it gets. */
  call: Refusal | null;
  /** What refuses a provider (a model of null), or one of its models, with this key. */
  target(provider: string, model: string | null, aiProviderId: string): Refusal | null;
  /** What the gate says where it lets a call through. */
  passed: string;
}

/** Which of the six steps of PRODUCT #13 named the model. */
export type ModelStep = 1 | 2 | 3 | 4 | 5 | 6;

export interface ModelChoice<A extends GateAssignment = GateAssignment> {
  assignment: A;
  provider: ProviderRecord;
  /** Goes upstream verbatim. */
  model: string;
  modelInfo: ModelRecord;
  lifecycle: ModelLifecycle;
  step: ModelStep;
}

export type Evaluation<A extends GateAssignment = GateAssignment> =
  | {
      ok: true;
      choice: ModelChoice<A>;
      /** Every key that could serve this request, best first; the first one is `choice`. */
      candidates: ModelChoice<A>[];
      trace: GateTrace[];
    }
  | (Refusal & { ok: false; gate: Gate; trace: GateTrace[] });
