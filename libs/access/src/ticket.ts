import { sign, verify } from 'node:crypto';
import { ClavigerError, TICKET_ACTIONS, type EngineTicket } from '#lib/contracts';
import { isId } from '#lib/kernel';

/** How long a ticket is good for, in seconds (API.md, `POST :id/test`). */
export const TICKET_SECONDS = 30;
const CONTEXT = 'claviger engine ticket v1\n';

/** Signs what the api may have done with a key: base64url(claims) `.` base64url(Ed25519 signature, RFC 8032). */
export function signTicket(claims: EngineTicket, privateKeyPem: string): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${sign(null, Buffer.from(CONTEXT + body), privateKeyPem).toString('base64url')}`;
}

/**
 * The claims of a ticket that the api signed and that has not expired; `nowSeconds` is Unix time. Everything else,
 * a ticket that claims to live longer than ours do included, is `unauthenticated`.
 */
export function verifyTicket(ticket: string, publicKeyPem: string, nowSeconds: number): EngineTicket {
  const [body = '', signature = '', ...rest] = ticket.split('.');
  const genuine =
    rest.length === 0 &&
    ticket.length <= 2_048 &&
    verify(null, Buffer.from(CONTEXT + body), publicKeyPem, Buffer.from(signature, 'base64url'));
  const claims = genuine ? readClaims(body) : undefined;
  if (claims && claims.expiresAt > nowSeconds && claims.expiresAt <= nowSeconds + TICKET_SECONDS + 5)
    return claims;
  throw new ClavigerError(
    'unauthenticated',
    'This ticket is not valid or no longer so. Repeat the action in the control plane.',
  );
}

function readClaims(body: string): EngineTicket | undefined {
  const value = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Partial<EngineTicket>;
  const { orgId, userId, aiProviderId, action, secretVersion, expiresAt } = value;
  if (!isId('org', orgId) || !isId('usr', userId) || !isId('aip', aiProviderId)) return undefined;
  const known = TICKET_ACTIONS.find((name) => name === action);
  if (!known || typeof expiresAt !== 'number') return undefined;
  if (secretVersion !== undefined && !Number.isInteger(secretVersion)) return undefined;
  return {
    ...{ orgId, userId, aiProviderId, action: known, expiresAt },
    ...(secretVersion !== undefined && { secretVersion }),
  };
}
