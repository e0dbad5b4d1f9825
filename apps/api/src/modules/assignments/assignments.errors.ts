import { ClavigerError } from '#lib/contracts';

/** One key twice in a request that replaces all assignments. */
export function assignedTwice(index: number): ClavigerError {
  return new ClavigerError('validation_failed', 'A key is listed twice. List each key once.', {
    errors: [{ pointer: `/assignments/${index}/aiProviderId`, detail: 'This key is listed above already.' }],
  });
}
