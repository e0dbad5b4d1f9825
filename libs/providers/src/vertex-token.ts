import { sign } from 'node:crypto';
import type { ServiceAccount } from '#lib/catalog';
import { ClavigerError } from '#lib/contracts';
import { Scrubber } from './scrubber.js';
import { mapUpstreamError } from './upstream-errors.js';

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Seconds that an assertion is good for; it is used at once. */
const LIFE_S = 300;
const LONGEST_QUOTE = 300;
const LONGEST_READ = 20_000;

export interface TokenRequest {
  fetch: typeof fetch;
  signal?: AbortSignal | undefined;
  now: Date;
}

/**
 * An access token for a service account, by a signed assertion (RFC 7523 §2.1). Asked for by each run and kept by nobody: it is
 * a credential like the key it was made from. Throws upstream_auth_failed when the account is refused or its key is no key.
 */
export async function mintAccessToken(account: ServiceAccount, request: TokenRequest): Promise<string> {
  const assertion = assertionOf(account, request.now);
  // Whoever holds the assertion can exchange it as well, as long as it lives.
  const secrets = [account.privateKey, assertion];
  const body = new URLSearchParams({ grant_type: GRANT, assertion });
  let answer: unknown;
  let status: number;
  try {
    const response = await request.fetch(account.tokenUri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: body.toString(),
      signal: request.signal ?? null,
    });
    status = response.status;
    answer = JSON.parse(await response.text());
  } catch (error) {
    throw mapUpstreamError(error, { scrubber: new Scrubber(secrets), provider: 'vertex' });
  }
  const { access_token: token, error_description: said, error } = members(answer);
  if (status === 200 && typeof token === 'string' && token !== '') return token;
  if (typeof token === 'string') secrets.push(token);
  const reason = String(said ?? error ?? 'no reason given').slice(0, LONGEST_READ);
  // Scrubbed before it is cut, so that no half of a secret stays.
  const why = new Scrubber(secrets).text(reason).slice(0, LONGEST_QUOTE);
  throw refused(`Google refused the service account (${status}): ${why}`, status);
}

function assertionOf({ clientEmail, privateKey, tokenUri }: ServiceAccount, now: Date): string {
  const iat = Math.floor(now.getTime() / 1000);
  const claims = { iss: clientEmail, scope: SCOPE, aud: tokenUri, iat, exp: iat + LIFE_S };
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  try {
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  } catch {
    // The library's own error may quote the key.
    throw refused('The private_key of the service account is no key in PEM form.', 0);
  }
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function refused(what: string, upstreamStatus: number): ClavigerError {
  const detail = `${what.replace(/[.\s]*$/, '')}. An OWNER can enter the service account's JSON again under Settings → AI Providers.`;
  return new ClavigerError('upstream_auth_failed', detail, { extras: { upstreamStatus } });
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
