import type { SecretBytes } from '#lib/kernel';
import { sealEnvelope, type DataKey, type KmsRef, type KmsSealPort, type SecretIdentity } from '#lib/kms';
import { toPublicError, withinDeadline } from './kms-call.js';
import { kmsContext, probeIdentity } from './sealed-secret.js';

export interface NewSealedSecret {
  format: number;
  kmsRef: KmsRef;
  wrappedDek: Buffer;
  envelope: Buffer;
}

/**
 * Seals a tenant's secrets: for api only. What it holds can't open what it made.
 * Call it before the transaction: it talks to the network and must not hold a lock.
 */
export class Sealer {
  readonly #kms: KmsSealPort;
  readonly #deployment: string;

  constructor(kms: KmsSealPort, deployment: string) {
    this.#kms = kms;
    this.#deployment = deployment;
  }

  /**
   * A new data key for this one version, and the secret under it, bound to `identity`. `plaintext` stays the
   * caller's to wipe. Fails closed: ClavigerError `kms_unavailable` within 2 s.
   */
  async seal(identity: SecretIdentity, plaintext: SecretBytes): Promise<NewSealedSecret> {
    try {
      const dataKey = await this.#newDataKey('primary', identity);
      const sealed = await dataKey.plaintext.useOnce(() =>
        sealEnvelope(dataKey.plaintext, this.#deployment, identity, plaintext),
      );
      return { ...sealed, kmsRef: dataKey.ref, wrappedDek: dataKey.wrapped };
    } catch (error) {
      throw toPublicError(error);
    }
  }

  /**
   * A wrapped data key that guards nothing, under a master key that is being tried out; the opener's `openProbe` takes
   * it. Throws KmsError, which says why not.
   */
  async probe(orgId: string, kmsRef: KmsRef): Promise<Buffer> {
    const { plaintext, wrapped } = await this.#newDataKey(kmsRef, probeIdentity(orgId));
    plaintext.wipe();
    return wrapped;
  }

  async #newDataKey(ref: KmsRef, identity: Omit<SecretIdentity, 'origins'>): Promise<DataKey> {
    const pending = this.#kms.generateDataKey(ref, kmsContext(this.#deployment, identity));
    try {
      return await withinDeadline(pending);
    } catch (error) {
      // A key that comes after all is not used by anybody: wipe it then.
      pending.then(
        (late) => late.plaintext.wipe(),
        () => undefined,
      );
      throw error;
    }
  }
}
