import type { SecretBytes } from '#lib/kernel';

/** Who may open a secret: `call` the engine, `webhook` the worker; `login` is in no use yet (with AWS, each needs a role of its own, ADR 0012). */
export const PURPOSES = ['call', 'webhook', 'login'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * What a wrapped data key is bound to. Ids only: AWS shows the encryption context in CloudTrail.
 * IAM policies condition on `purpose`, so that a process opens only what is its own.
 */
export interface KmsContext extends Record<string, string> {
  app: 'claviger';
  deployment: string;
  org: string;
  secret: string;
  version: string;
  purpose: Purpose;
}

/**
 * Names a master key, e.g. `aws:arn:…` or `local:call:<key id>`. `primary` is the adapter's current key for the
 * purpose at hand; answers always carry the resolved name, which is what is stored beside the wrapped key.
 */
export type KmsRef = string;

export interface DataKey {
  /** 32 bytes. The caller wipes it. */
  plaintext: SecretBytes;
  wrapped: Buffer;
  ref: KmsRef;
}

export interface RewrappedKey {
  wrapped: Buffer;
  ref: KmsRef;
}

export interface KmsKeyDescription {
  ref: KmsRef;
  /** A value that changes when the key does; a process compares it with the one that it stored. Not a secret. */
  keyCheck: string;
}

interface Describing {
  /** What `ref` names today. Throws KmsError. */
  describe(ref: KmsRef, purpose: Purpose): Promise<KmsKeyDescription>;
}

/** All that a sealing process holds: it can make data keys and can't unwrap one. */
export interface KmsSealPort extends Describing {
  /** A fresh 256-bit data key, in plaintext and wrapped under `ref`, bound to `context`. Throws KmsError. */
  generateDataKey(ref: KmsRef, context: KmsContext): Promise<DataKey>;
}

/** All that an opening process holds. */
export interface KmsOpenPort extends Describing {
  /** The data key inside `wrapped`; 32 bytes, the caller wipes it. Throws KmsError. */
  decrypt(ref: KmsRef, wrapped: Uint8Array, context: KmsContext): Promise<SecretBytes>;
}

/** All that a re-wrapping process holds: with AWS the plaintext data key never leaves the KMS. */
export interface KmsRewrapPort extends Describing {
  /** The same data key wrapped under `to`. The context stays. Throws KmsError. */
  reEncrypt(from: KmsRef, wrapped: Uint8Array, to: KmsRef, context: KmsContext): Promise<RewrappedKey>;
}

/** What an adapter implements: one object for each privilege, and none with two of them. */
export interface KmsByPrivilege {
  seal: KmsSealPort;
  open: KmsOpenPort;
  rewrap: KmsRewrapPort;
}
export type KmsPrivilege = keyof KmsByPrivilege;
