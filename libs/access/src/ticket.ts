import { sign, verify } from 'node:crypto';
import { ClavigerError, isOwnKmsRef, OWN_KMS_ACTION, TICKET_ACTIONS, type AnyTicket } from '#lib/contracts';
import { isId } from '#lib/kernel';

/** How long a ticket is good for, in seconds (API.md, `POST :id/test`). */
export const TICKET_SECONDS = 30;
const CONTEXT = 'claviger engine ticket v1\n';

/** Signs what the api may have done with a key: base64url(claims) `.` base64url(Ed25519 signature, RFC 8032). */
export function signTicket(claims: AnyTicket, privateKeyPem: string): string {
  const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
  return `${body}.${sign(null, Buffer.from(CONTEXT + body), privateKeyPem).toString('base64url')}`;
}

/**
 * The claims of a ticket that the api signed and that has not expired; `nowSeconds` is Unix time. Everything else,
 * a ticket that claims to live longer than ours do included, is `unauthenticated`.
 */
export function verifyTicket(ticket: string, publicKeyPem: string, nowSeconds: number): AnyTicket {
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

function readClaims(body: string): AnyTicket | undefined {
  const value: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  const claims = new Map<string, unknown>(Object.entries(value ?? {}));
  const [orgId, userId, expiresAt] = ['orgId', 'userId', 'expiresAt'].map((name) => claims.get(name));
  if (!isId('org', orgId) || !isId('usr', userId) || typeof expiresAt !== 'number') return undefined;
  const common = { orgId, userId, expiresAt };
  return claims.get('action') === OWN_KMS_ACTION ? ownKms(claims, common) : keyAction(claims, common);
}

type Common = Pick<AnyTicket, 'orgId' | 'userId' | 'expiresAt'>;

function keyAction(claims: ReadonlyMap<string, unknown>, common: Common): AnyTicket | undefined {
  const aiProviderId = claims.get('aiProviderId');
  const secretVersion = claims.get('secretVersion');
  const action = TICKET_ACTIONS.find((name) => name === claims.get('action'));
  if (!isId('aip', aiProviderId) || !action) return undefined;
  if (secretVersion === undefined) return { ...common, aiProviderId, action };
  if (typeof secretVersion !== 'number' || !Number.isInteger(secretVersion)) return undefined;
  return { ...common, aiProviderId, action, secretVersion };
}

function ownKms(claims: ReadonlyMap<string, unknown>, common: Common): AnyTicket | undefined {
  const [kmsRef, probe] = [claims.get('kmsRef'), claims.get('probe')];
  if (typeof kmsRef !== 'string' || !isOwnKmsRef(kmsRef) || typeof probe !== 'string') return undefined;
  return { ...common, action: OWN_KMS_ACTION, kmsRef, probe };
}
