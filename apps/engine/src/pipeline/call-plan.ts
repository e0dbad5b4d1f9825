import type { AuthorisedState, StateKey } from '#lib/contracts';
import type { Caller } from '../access/caller.js';
import type { GateCheck } from '../keys/fence.js';
import type { AgentSpec } from './agent-spec.js';
import type { Choice } from './decide.js';

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
}

/** Everything that is decided before anything is reserved or sent. */
export interface CallPlan {
  request: CallRequest;
  state: AuthorisedState;
  choice: Choice;
  /** Throws when the choice could not be made again by a newer state. */
  check: GateCheck;
}
