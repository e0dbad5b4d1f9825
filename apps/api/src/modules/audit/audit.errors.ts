import type { ClavigerError } from '#lib/contracts';
import { validationFailed } from '#lib/http';

export function foreignCursor(): ClavigerError {
  return validationFailed([
    { pointer: '/cursor', detail: 'Use nextCursor of the page before, unchanged, or leave it out.' },
  ]);
}
