/**
 * From how many refused calls in a row on a key counts as failing (PRODUCT #20). Refused: the vendor rejected the credential (401,
 * 403, or Gemini's 400 `API_KEY_INVALID`: `upstream_auth_failed`). Rate limits, time-outs, faults of the vendor and calls that
 * were aborted neither count nor interrupt the row; one success ends it.
 */
export const REFUSALS_UNTIL_FAILING = 3;

/** How many events of a key are kept, the newest. */
export const KEY_HEALTH_KEPT = 50;
const LONGEST_MESSAGE = 500;

export type KeyHealthSource = 'run' | 'test';
/** `refused`: the vendor rejected the key; `failed`: the call failed for another reason. */
export type KeyHealthOutcome = 'ok' | 'refused' | 'failed';

/** One thing that a vendor said to a key. */
export interface KeyHealthEvent {
  at: Date;
  source: KeyHealthSource;
  outcome: KeyHealthOutcome;
  code: string | null;
  message: string | null;
  /** `run_…` */
  runId: string | null;
  /** Refusals in a row, this event included. */
  refusedInARow: number;
}

/** What is kept of an error's sentence, which is scrubbed already. Of a failure that is not about the key: nothing, as it may quote a prompt. */
export function keptMessage(outcome: KeyHealthOutcome, message: string | null): string | null {
  return outcome === 'failed' || message === null ? null : message.slice(0, LONGEST_MESSAGE);
}
