import { ClavigerError } from '#lib/contracts';

export function emailTaken(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'There is an account with this e-mail address. Log in, or sign up with another address.',
    {
      errors: [{ pointer: '/email', detail: 'This address is in use.' }],
    },
  );
}

export function noFreeSlug(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'No free short name was found for this organization. Choose another name and try again.',
  );
}
