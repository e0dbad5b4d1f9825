import type { IncomingHttpHeaders } from 'node:http';
import { ClavigerError } from '#lib/contracts';

/**
 * The token of a call: as bearer, `x-api-key` or `x-goog-api-key`, whichever the vendor's client sends. Never in the URL: it gets
 * logged. Two that differ are refused, since which one counts would be a guess. @throws ClavigerError unauthenticated
 */
export function presentedToken(headers: IncomingHttpHeaders): string {
  const { authorization, 'x-api-key': key, 'x-goog-api-key': googleKey } = headers;
  let found = authorization === undefined ? '' : (BEARER.exec(authorization)?.[1] ?? '');
  for (const token of [key, googleKey]) {
    if (typeof token !== 'string' || token === '' || token === found) continue;
    if (found !== '') throw noToken('Several headers bring different tokens: send one.');
    found = token;
  }
  if (found === '') throw noToken();
  return found;
}

const BEARER = /^Bearer +(\S+)$/i;

export function noToken(why = ''): ClavigerError {
  const how =
    'Send a workspace token (clv_ws_…) as the API key: in "Authorization: Bearer", "x-api-key" or "x-goog-api-key". An OWNER or ADMIN issues one under Settings → Tokens.';
  return new ClavigerError('unauthenticated', why === '' ? how : `${why} ${how}`);
}
