import { ClavigerError } from '#lib/contracts';

/** The run was to be answered before now: it ends by itself in a moment, and nothing is called for it any more. */
export function tooLate(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'The run has waited for longer than it may, so it is being ended. Start it again under another nodeExecutionId.',
  );
}
