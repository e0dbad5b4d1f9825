import { ClavigerError, type SealedCredential } from '#lib/contracts';
import { SecretBytes } from '#lib/kernel';

/** A new version waits to be tested, is in use, drains when the next one is, and is erased in the end (CUSTODY §5). */
export type SecretVersionState = 'pending' | 'active' | 'draining' | 'shredded';

/** Who opens it: the engine for calls, the worker to sign webhooks. */
export type SecretPurpose = 'call' | 'webhook';

/** A secret as the control plane may see it. */
export interface SecretRecord {
  id: string;
  orgId: string;
  name: string;
  purpose: string;
  origins: string[];
  mask: string;
  currentVersion: number;
  /** The key that the secret was entered with; null for one of the secret store's own. */
  ownerKeyId: string | null;
  /** The MCP server that it was entered with; null likewise. */
  ownerServerId: string | null;
  /** Whether tools may name it in their headers. */
  forTools: boolean;
  createdAt: Date;
  updatedAt: Date;
}

/** What a new secret is, beside what is sealed. */
export interface SecretFacts {
  name: string;
  ownerKeyId: string | null;
  forTools?: boolean;
}

export interface SecretVersionRecord {
  version: number;
  state: SecretVersionState;
  createdBy: string | null;
  createdAt: Date;
  retiredAt: Date | null;
}

/** Packs what was entered into the bytes that are sealed. The strings stay in the heap until they are collected. */
export function packCredential(secret: string, secondSecret?: string): SecretBytes {
  const credential: SealedCredential = secondSecret === undefined ? { secret } : { secret, secondSecret };
  return SecretBytes.fromText(JSON.stringify(credential));
}

/** Lends the fields of a packed credential to `fn`, which must keep nothing of them. */
export function readCredential<T>(packed: SecretBytes, fn: (credential: SealedCredential) => T): T {
  return packed.use((bytes) => fn(JSON.parse(bytes.toString('utf8')) as SealedCredential));
}

/** `scheme://host:port` of what a person wrote as an origin. Throws validation_failed at `pointer`. */
export function normaliseOrigin(text: string, pointer: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain =
    url && url.username === '' && url.password === '' && url.pathname === '/' && !url.search && !url.hash;
  if (!plain || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new ClavigerError(
      'validation_failed',
      'An origin is a scheme, a host and at most a port, e.g. https://api.openai.com.',
      {
        errors: [{ pointer, detail: 'Write it as https://host or https://host:port, without a path.' }],
      },
    );
  }
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return `${url.protocol}//${url.hostname}:${port}`;
}

/** A version of a secret, sealed and ready to be stored. Made before the transaction: sealing may call a KMS. */
export interface PreparedVersion {
  orgId: string;
  secretId: string;
  version: number;
  purpose: SecretPurpose;
  origins: string[];
  mask: string;
  fingerprint: Buffer;
  sealed: SealedVersion;
}

export interface SealedVersion {
  format: number;
  kmsRef: string;
  wrappedDek: Buffer;
  envelope: Buffer;
}
