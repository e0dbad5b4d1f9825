import { ClavigerError, type RateMetric } from '#lib/contracts';
import { validationFailed } from '#lib/http';

export function workspaceNeeded(): ClavigerError {
  return validationFailed([
    { pointer: '/workspaceId', detail: 'A workspace token needs the workspace that it serves.' },
  ]);
}

export function expiresInThePast(): ClavigerError {
  return validationFailed([{ pointer: '/expiresAt', detail: 'Give a time in the future, or leave it out.' }]);
}

export function outlivesItsMaker(end: Date): ClavigerError {
  const detail = `The token that makes this one ends at ${end.toISOString()}: give an earlier time.`;
  return validationFailed([{ pointer: '/expiresAt', detail }]);
}

export function restrictedMaker(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'A token with its own permission document or workspace cannot make or roll tokens: they could do more than it may. Sign in and do it there.',
  );
}

export function beyondItsMaker(metric: RateMetric, most: number): ClavigerError {
  return new ClavigerError(
    'forbidden',
    `The token that makes or rolls this one has a limit of ${most} for ${metric}: what it makes has at most that. Give a lower one, or sign in and do it there.`,
  );
}

export function notYours(): ClavigerError {
  return new ClavigerError(
    'forbidden',
    'This token belongs to somebody else. Its owner can do this; an OWNER can revoke it.',
  );
}

export function notLive(): ClavigerError {
  return new ClavigerError(
    'conflict',
    'This token is revoked or has expired: there is nothing to roll. Make a new one.',
  );
}
