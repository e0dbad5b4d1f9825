import { ClavigerError } from '#lib/contracts';

/** One answer for an unknown address and for a wrong password. */
export function wrongCredentials(): ClavigerError {
  return new ClavigerError(
    'unauthenticated',
    'The e-mail address or the password is not right. Check both and try again.',
  );
}

export function wrongPassword(): ClavigerError {
  return new ClavigerError(
    'validation_failed',
    'The current password is not right. Check it and try again.',
    {
      errors: [{ pointer: '/currentPassword', detail: 'This is not your current password.' }],
    },
  );
}

/** `retryAfterSeconds` becomes the Retry-After header. */
export function tooManyAttempts(retryAfterSeconds: number): ClavigerError {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  return new ClavigerError(
    'too_many_attempts',
    `Too many attempts. Wait ${minutes} minutes, then try again.`,
    {
      extras: { retryAfterSeconds },
    },
  );
}
