import { ClavigerError } from '#lib/contracts';
import { validationFailed } from '../validation.pipe.js';

export function badKey(): ClavigerError {
  return validationFailed([
    { pointer: '', detail: 'Idempotency-Key takes 1 to 255 visible ASCII characters, e.g. a UUID.' },
  ]);
}

export function mismatch(): ClavigerError {
  return new ClavigerError(
    'idempotency_mismatch',
    'This Idempotency-Key was used with another body. Use a new key for a new request.',
  );
}

export function inFlight(): ClavigerError {
  return new ClavigerError(
    'idempotency_in_flight',
    'The first call with this Idempotency-Key is still running. Wait a moment and repeat it.',
  );
}
