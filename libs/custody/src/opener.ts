import { ClavigerError } from '#lib/contracts';
import { sha256, type Clock, type SecretBytes } from '#lib/kernel';
import {
  deriveEnvelopeKey,
  openEnvelope,
  type EnvelopeKey,
  type KmsOpenPort,
  type Purpose,
  type SecretIdentity,
} from '#lib/kms';
import { CACHE_BARS, DekCache, type CacheBars } from './dek-cache.js';
import { toPublicError } from './kms-call.js';
import { kmsContext, type SealedSecret } from './sealed-secret.js';

/**
 * Opens tenants' secrets of one purpose. Derived keys are cached (see DekCache); a secret is decrypted for each
 * call and kept nowhere: wipe the answer, best by `useOnce`.
 */
export class Opener {
  readonly #kms: KmsOpenPort;
  readonly #deployment: string;
  readonly #purpose: Purpose;
  readonly #cache: DekCache;

  constructor(
    kms: KmsOpenPort,
    deployment: string,
    clock: Clock,
    purpose: Purpose,
    bars: CacheBars = CACHE_BARS,
  ) {
    this.#kms = kms;
    this.#deployment = deployment;
    this.#purpose = purpose;
    this.#cache = new DekCache(clock, bars);
  }

  /**
   * The plaintext that was sealed for `identity`, which comes from the caller's tenant and the row, never from the
   * envelope. ClavigerError: `kms_unavailable` within 2 s when the key service gives no key; `internal` when
   * anything of row, wrapped key or envelope isn't what was sealed.
   */
  async open(identity: SecretIdentity, sealed: SealedSecret): Promise<SecretBytes> {
    try {
      const key = await this.#key(identity, sealed);
      return openEnvelope(key, this.#deployment, identity, sealed);
    } catch (error) {
      throw toPublicError(error);
    }
  }

  /** Fetches the key of a secret ahead of its use. Throws as `open` does. */
  async prefetch(identity: SecretIdentity, sealed: SealedSecret): Promise<void> {
    try {
      await this.#key(identity, sealed);
    } catch (error) {
      throw toPublicError(error);
    }
  }

  /** Forgets the cached keys of one secret (`sec_…`), or of all. */
  purge(secretId?: string): void {
    this.#cache.purge(secretId);
  }

  #key(identity: SecretIdentity, sealed: SealedSecret): Promise<EnvelopeKey> {
    if (identity.purpose !== this.#purpose) {
      const detail = `This process opens secrets for ${this.#purpose} only.`;
      return Promise.reject(new ClavigerError('internal', detail));
    }
    const { orgId, secretId, version } = identity;
    return this.#cache.get({
      // The whole hash: two rows must never share an entry.
      cacheKey: `${orgId}/${secretId}/${version}/${sha256(sealed.wrappedDek).toString('base64')}`,
      secretId,
      kmsRef: sealed.kmsRef,
      fetch: () => this.#unwrap(identity, sealed),
    });
  }

  async #unwrap(identity: SecretIdentity, sealed: SealedSecret): Promise<EnvelopeKey> {
    const context = kmsContext(this.#deployment, identity);
    const dek = await this.#kms.decrypt(sealed.kmsRef, sealed.wrappedDek, context);
    return dek.useOnce(() => deriveEnvelopeKey(dek, sealed.envelope, this.#purpose));
  }
}
