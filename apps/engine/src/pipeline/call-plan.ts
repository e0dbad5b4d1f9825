import type { AuthorisedState, PolicyRefusal, RetentionLevel, StateKey } from '#lib/contracts';
import type { CallFacts, PolicyContent } from '#lib/limits';
import type { TraceParent } from '#lib/telemetry';
import type { Caller } from '../access/caller.js';
import type { GateCheck } from '../keys/fence.js';
import type { AgentSpec } from './agent-spec.js';
import type { CallBudget } from '../quotas/call-budget.js';
import type { CallRates } from '../rates/call-rates.js';
import type { Choice } from './decide.js';
import type { SendMark } from './send-mark.js';

/** What a workflow engine asks for, checked for form only. */
export interface CallRequest {
  stateKey: StateKey;
  caller: Caller;
  agent: AgentSpec;
  /** For problems that are stored with the run: which request, and its path. */
  requestId: string;
  instance: string;
  /** For usage: who the workflow engine says it runs this for. */
  userId: string | null;
  workflowId: string | null;
  /** Where its spans belong: below the caller's own, or at the root of the request's trace. */
  trace?: TraceParent;
  /** Of a call that is relayed as its caller wrote it: what is known of it without an agent. */
  relayed?: RelayedSize;
}

/** How large a relayed call is, for limits that are counted in tokens. */
export interface RelayedSize {
  /** What it sends, in bytes; no less than the model's context where it names content that is kept elsewhere. */
  bytes: number;
  hasTools: boolean;
  /** How many answers it asks for at once. */
  answers: number;
}

/** Everything that is decided before anything is reserved or sent. */
export interface CallPlan {
  /** As it may go upstream: what a policy redacts is redacted, and an agent that names no output limit has a policy's. */
  request: CallRequest;
  /** What the policies judged it by: the call as it was asked for. */
  facts: CallFacts;
  /** Rules that the call breaks and that only ask to be told. */
  noted: PolicyRefusal[];
  /** The rules that read what is said: those that the run begins with. */
  content: PolicyContent;
  /** How much of the run may be stored, by the policies that cover it at this moment. */
  retention: () => RetentionLevel;
  state: AuthorisedState;
  choice: Choice;
  /** The rate limits that the call counts against; whoever drops the plan ends them. */
  rates: CallRates;
  /** What the run must reserve of quotas and budgets; null where none covers it. */
  budget: CallBudget | null;
  /** Throws when the choice could not be made again by a newer state. */
  check: GateCheck;
  /** Of a run that was queued: what must be on record before its first byte leaves. */
  mark?: SendMark;
}

/** A call that would be let in now, and runs later. */
export interface VettedCall extends Pick<CallPlan, 'request' | 'facts' | 'noted' | 'state'> {
  retention: RetentionLevel;
}
