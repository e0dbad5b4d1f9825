import type { SendState } from '#lib/egress';
import type { SealedCredential, PolicyRefusal } from '#lib/contracts';
import type { RunHandle } from '../agent-runs/run-handle.js';
import type { TokenUse } from '../pipeline/cost.js';
import type { RunRecord } from '../pipeline/run-record.js';
import type { WirePlan } from './preparation.js';
import type { ClientAnswer } from './relay/client-answer.js';
import type { AskedCall, WireOperation } from './wire.js';

/** A call on its way: everything that whoever makes it needs. */
export interface WireWork {
  operation: WireOperation;
  asked: AskedCall;
  plan: WirePlan;
  sink: RunHandle;
  record: RunRecord;
  sent: SendState;
  client: ClientAnswer;
  credential: SealedCredential;
  /** The client's headers that may go on to the vendor. */
  headers: Record<string, string>;
  /** Rules that what was said broke, and that refused nothing. */
  noted: PolicyRefusal[];
  /** What is known of the call so far, for the case that it is cut off. */
  known: () => TokenUse;
}
