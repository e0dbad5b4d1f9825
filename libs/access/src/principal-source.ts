import type { Authenticated } from './principal.js';

/** Where strategies look credentials up. The api asks the look-up functions, the engine its authorised state. */
export interface PrincipalSource {
  /** What the session behind this token is worth now; null when unknown or expired. */
  bySession(sessionToken: string): Promise<Authenticated | null>;
  /** What the bearer token with this SHA-256 is worth now; null when unknown. Throws `unauthenticated` with the reason when it was good once. */
  byToken(tokenHash: Buffer): Promise<Authenticated | null>;
}

export const PRINCIPAL_SOURCE = Symbol('PRINCIPAL_SOURCE');
