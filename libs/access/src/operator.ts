import { ClavigerError } from '#lib/contracts';
import { equalBytes, sha256 } from '#lib/kernel';

export const OPERATOR_TOKEN = Symbol('ACCESS_OPERATOR_TOKEN');

/** Throws `unauthenticated` unless the Authorization header is the operator's; without a configured token nobody is. */
export function assertOperator(authorization: string | undefined, operatorToken: string | null): void {
  const [, presented] = /^Bearer (\S{1,500})$/i.exec(authorization ?? '') ?? [];
  // Compared by hash: equal length whatever was sent, so that the time taken tells nothing.
  if (presented && operatorToken !== null && equalBytes(sha256(presented), sha256(operatorToken))) return;
  throw new ClavigerError(
    'unauthenticated',
    'This is for the operator of this installation: send CLAVIGER_OPERATOR_TOKEN as "Authorization: Bearer …".',
  );
}
