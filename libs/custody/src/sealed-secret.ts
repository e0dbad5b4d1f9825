import type { KmsContext, KmsRef, SecretIdentity } from '#lib/kms';

/** What a row of `secret_versions` stores of a secret. */
export interface SealedSecret {
  format: number;
  kmsRef: KmsRef;
  wrappedDek: Uint8Array;
  envelope: Uint8Array;
}

/** What the wrapped data key is bound to: ids only, since a KMS logs it. */
export function kmsContext(deployment: string, identity: Omit<SecretIdentity, 'origins'>): KmsContext {
  return {
    app: 'claviger',
    deployment,
    org: identity.orgId,
    secret: identity.secretId,
    version: String(identity.version),
    purpose: identity.purpose,
  };
}

/** What a probe is bound to: no secret has this name, so that whoever opens probes opens nothing else by it. */
export function probeIdentity(orgId: string): Omit<SecretIdentity, 'origins'> {
  return { orgId, secretId: 'probe', version: 0, purpose: 'call' };
}
