import { csrfTokenFor } from '#lib/access';
import { newId, opaqueToken, sha256 } from '#lib/kernel';

/** How long a session lasts, in seconds: two weeks. */
export const SESSION_SECONDS = 14 * 24 * 3600;

/** A session that was just opened: `token` goes into the cookie and nowhere else, its hashes are stored. */
export interface OpenedSession {
  id: string;
  token: string;
  csrfToken: string;
}

export function openSession(): OpenedSession & { tokenHash: Buffer; csrfHash: Buffer } {
  const { token, hash } = opaqueToken();
  const csrfToken = csrfTokenFor(token);
  return { id: newId('ses'), token, csrfToken, tokenHash: hash, csrfHash: sha256(csrfToken) };
}
