import { Inject, Injectable } from '@nestjs/common';
import { maskSecret } from '#lib/catalog';
import { Sealer } from '#lib/custody/sealer';
import { hmacSha256, type SecretBytes } from '#lib/kernel';
import { readCredential, type PreparedVersion, type SecretPurpose } from './secret.js';

/** Injection token of the deployment's pepper for fingerprints: at least 32 random bytes. */
export const FINGERPRINT_PEPPER = Symbol('FINGERPRINT_PEPPER');

/** What names a version of a secret: all of it is bound into the envelope. */
export interface VersionIdentity {
  orgId: string;
  secretId: string;
  version: number;
  /** `scheme://host:port` of every place that it may be sent to. */
  origins: string[];
  /** `call` unless told. */
  purpose?: SecretPurpose;
}

/** Turns entered plaintext into what is stored, and wipes it. */
@Injectable()
export class SecretSealer {
  constructor(
    private readonly sealer: Sealer,
    @Inject(FINGERPRINT_PEPPER) private readonly pepper: Buffer,
  ) {}

  /**
   * Seals a packed credential and wipes it, whether that works or not.
   * The fingerprint's key is derived per organization, so that equal keys of two tenants don't show (CUSTODY §1).
   */
  async prepare(identity: VersionIdentity, packed: SecretBytes): Promise<PreparedVersion> {
    try {
      const { mask, fingerprint } = readCredential(packed, ({ secret, secondSecret }) => ({
        mask: maskSecret(secret),
        fingerprint: hmacSha256(
          hmacSha256(this.pepper, identity.orgId),
          JSON.stringify([secret, secondSecret ?? null]),
        ),
      }));
      const { purpose = 'call' } = identity;
      const sealed = await this.sealer.seal({ ...identity, purpose }, packed);
      return { ...identity, purpose, mask, fingerprint, sealed };
    } finally {
      packed.wipe();
    }
  }
}
