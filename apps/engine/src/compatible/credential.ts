import type { IncomingHttpHeaders } from 'node:http';
import { ClavigerError } from '#lib/contracts';

/**
 * The token of a call: as bearer, `x-api-key` or `x-goog-api-key`, whichever the vendor's client sends. Never in the URL: it gets
 * logged. Two that differ are refused, since which one counts would be a guess. @throws ClavigerError unauthenticated
 */
export function presentedToken(headers: IncomingHttpHeaders): string {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const given = [bearer, headers['x-api-key'], headers['x-goog-api-key']].flat();
  const tokens = new Set(given.filter((token): token is string => typeof token === 'string' && token !== ''));
  const [token] = tokens;
  if (tokens.size === 1 && token !== undefined) return token;
  throw noToken(tokens.size > 1 ? 'Several headers bring different tokens: send one.' : '');
}

export function noToken(why = ''): ClavigerError {
  const how =
    'Send a workspace token (clv_ws_…) as the API key: in "Authorization: Bearer", "x-api-key" or "x-goog-api-key". An OWNER or ADMIN issues one under Settings → Tokens.';
  return new ClavigerError('unauthenticated', why === '' ? how : `${why} ${how}`);
}
