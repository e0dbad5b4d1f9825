import { ClavigerError } from '#lib/contracts';

export function nameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another quota of your organization has this name. Choose another one.',
    {
      errors: [{ pointer: '/name', detail: 'This name is taken.' }],
    },
  );
}

/** A token does not lift what holds for it. */
export function ownQuota(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'This quota is for the token that you came with, or for one that it comes from: that token cannot change or delete it. Sign in and do it there.',
  );
}

export function badScope(detail: string): ClavigerError {
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/scope/id', detail }] });
}

export function tooMany(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${max} quotas and budgets. Delete one that is not needed.`,
  );
}
