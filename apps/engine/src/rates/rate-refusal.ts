import { ClavigerError } from '#lib/contracts';

/** The counts cannot be read, so whether there is room is unknown: nothing is sent on a guess. */
export function countsUnreachable(cause: unknown): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'The engine cannot read the counts of a rate limit right now, and it sends nothing that might exceed one. Try again in a moment; if it lasts, tell the operator of this installation.',
    { extras: { retryAfterSeconds: 2 }, cause },
  );
}
