import { randomBytes } from 'node:crypto';
import { sha256, sha256OfText } from './hashing.js';

export const TOKEN_KINDS = ['api', 'engine', 'workspace'] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

const SHORT = { api: 'api', engine: 'eng', workspace: 'ws' } as const satisfies Record<TokenKind, string>;
const FORM = /^clv_(api|eng|ws)_([0-9a-z]{26})([A-Za-z0-9_-]{43})([A-Za-z0-9_-]{6})$/;

export interface IssuedToken {
  /** The whole token: shown once, never stored. */
  token: string;
  /** What lists show of it. */
  prefix: string;
  /** SHA-256 of the whole token: what is stored and looked up. */
  hash: Buffer;
}

/** Makes a bearer token: `clv_<kind>_` + the token's id + 256 random bits + a checksum that catches typing slips. */
export function issueToken(kind: TokenKind, tokenId: string): IssuedToken {
  const idPart = tokenId.slice(tokenId.indexOf('_') + 1);
  const head = `clv_${SHORT[kind]}_${idPart}`;
  const body = head + randomBytes(32).toString('base64url');
  const token = body + checksum(body);
  return { token, prefix: `${head.slice(0, 16)}…`, hash: sha256(token) };
}

/** The hash to look a presented token up by, or undefined when its form or checksum is wrong (no look-up is needed then). */
export function bearerHash(presented: string): Buffer | undefined {
  if (!FORM.test(presented)) return undefined;
  return presented.slice(-6) === checksum(presented.slice(0, -6)) ? sha256OfText(presented) : undefined;
}

/** An opaque random value (256 bits, base64url) for sessions, invites and CSRF tokens, with its hash. */
export function opaqueToken(): { token: string; hash: Buffer } {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: sha256(token) };
}

function checksum(body: string): string {
  return sha256OfText(`claviger token ${body}`).toString('base64url').slice(0, 6);
}
