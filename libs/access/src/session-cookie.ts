import { hmacSha256 } from '#lib/kernel';

/** The cookie's name: on https the `__Host-` prefix makes browsers refuse it from another host, path or plain http. */
export function sessionCookieName(publicUrl: string): string {
  return publicUrl.startsWith('https:') ? '__Host-claviger_session' : 'claviger_session';
}

/** The CSRF token of a session: derived from it, so that `me` can tell it again and nothing but its hash is stored. */
export function csrfTokenFor(sessionToken: string): string {
  return hmacSha256(Buffer.from(sessionToken), 'csrf').toString('base64url');
}
