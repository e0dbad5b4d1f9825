import { ClavigerError } from '#lib/contracts';
import type { FieldFault } from '#lib/kernel';

export function nameTaken(): ClavigerError {
  return new ClavigerError(
    'name_taken',
    'Another policy of your organization has this name. Choose another one.',
    { errors: [{ pointer: '/name', detail: 'This name is taken.' }] },
  );
}

export function badRules(errors: FieldFault[]): ClavigerError {
  const [first] = errors;
  return new ClavigerError(
    'validation_failed',
    `A rule of this policy cannot stand: ${first?.detail ?? ''}`,
    {
      errors,
    },
  );
}

export function badScope(detail: string): ClavigerError {
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/scope/id', detail }] });
}

export function tooMany(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `An organization has at most ${max} policies. Put more rules into one of them, or delete one that is not needed.`,
  );
}

export function tooManyApprovals(max: number): ClavigerError {
  return new ClavigerError(
    'conflict',
    `A policy has at most ${max} exceptions in force. End one that is not needed, or change the policy.`,
  );
}

/** A token is not the judge of what holds for it. */
export function ownPolicy(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'This policy is for the token that you came with, or for the one that made it: that token cannot change, delete or lift it. Sign in and do it there.',
  );
}

export function ownException(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'A token cannot lift a policy for itself, nor for one of its own line. Sign in and do it there.',
  );
}

export function endsInThePast(): ClavigerError {
  const detail = 'An exception ends in the future: give a later time.';
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/expiresAt', detail }] });
}

export function endsTooLate(days: number): ClavigerError {
  const detail = `An exception lasts ${days} days at most: give an earlier time. For what should hold longer, change the policy.`;
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/expiresAt', detail }] });
}

export function oneOfBoth(): ClavigerError {
  const detail = 'Name the workspace or the token that the exception is for: one of the two.';
  return new ClavigerError('validation_failed', detail, { errors: [{ pointer: '/workspaceId', detail }] });
}
