import { ClavigerError } from '#lib/contracts';

/** No answer from the database: the caller's rights cannot be checked, so nothing is sent (CUSTODY §4). */
export function databaseUnreachable(cause: unknown): ClavigerError {
  return new ClavigerError(
    'overloaded',
    'The engine cannot read permissions from its database right now, and it sends nothing on permissions that it cannot check. Try again in a moment; if it lasts, tell the operator of this installation.',
    { cause },
  );
}
