import { ClavigerError } from '#lib/contracts';
import type { PlaceHolder, PlacesFull } from '#lib/limits';

/** Runs end all the time: soon there is a place. */
export const RETRY_AFTER_SECONDS = 2;

const MEND =
  'A run that may wait has its turn in the queue (Prefer: respond-async), and the operator of this installation can add engine processes or raise CLAVIGER_RUN_PLACES.';

/** Why a call has no place: the engine is full, which is nobody's own doing, or its organization or workspace holds its share. */
export function placeRefusal({ of, held }: PlacesFull, { orgId, workspaceId }: PlaceHolder): ClavigerError {
  const retryAfterSeconds = RETRY_AFTER_SECONDS;
  if (of === 'engine') {
    const detail = `This engine has as many runs under way as it can take. Send the call again in ${retryAfterSeconds} s. ${MEND}`;
    return new ClavigerError('overloaded', detail, { extras: { retryAfterSeconds } });
  }
  const detail = `Rate-limited: the ${of} has ${held} runs under way at this engine, and what is free there is kept for others. Try again in ${retryAfterSeconds} s, when some of them are over. ${MEND}`;
  return new ClavigerError('rate_limited', detail, {
    extras: {
      retryAfterSeconds,
      scope: of,
      scopeId: of === 'organization' ? orgId : workspaceId,
      metric: 'concurrency',
      limit: held,
    },
  });
}
