import { ClavigerError, isOwnKmsRef } from '#lib/contracts';
import { sha256, type Clock, type SecretBytes } from '#lib/kernel';
import {
  deriveEnvelopeKey,
  openEnvelope,
  type EnvelopeKey,
  type KmsOpenPort,
  type KmsRef,
  type Purpose,
  type SecretIdentity,
} from '#lib/kms';
import { CACHE_BARS, DekCache, type CacheBars } from './dek-cache.js';
import { toPublicError, withinDeadline } from './kms-call.js';
import { kmsContext, probeIdentity, type SealedSecret } from './sealed-secret.js';

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

  /** As `open`, without waiting: undefined where the key service would be asked. Throws as `open` rejects. */
  openAtHand(identity: SecretIdentity, sealed: SealedSecret): SecretBytes | undefined {
    const key = this.#atHand(identity, sealed);
    if (!key) return undefined;
    try {
      return openEnvelope(key, this.#deployment, identity, sealed);
    } catch (error) {
      throw toPublicError(error);
    }
  }

  /** Whether `openAtHand` would open it. */
  isAtHand(identity: SecretIdentity, sealed: SealedSecret): boolean {
    return this.#atHand(identity, sealed) !== undefined;
  }

  /** Fetches the key of a secret ahead of its use. Throws as `open` does. */
  async prefetch(identity: SecretIdentity, sealed: SealedSecret): Promise<void> {
    try {
      await this.#key(identity, sealed);
    } catch (error) {
      throw toPublicError(error);
    }
  }

  /** Whether a probe of the sealer's opens under this master key. Nothing is cached. Throws KmsError, which says why not. */
  async openProbe(orgId: string, kmsRef: KmsRef, wrapped: Uint8Array): Promise<void> {
    const context = kmsContext(this.#deployment, probeIdentity(orgId));
    (await withinDeadline(this.#kms.decrypt(kmsRef, wrapped, context))).wipe();
  }

  /** Forgets the cached keys of one secret (`sec_…`), or of all. */
  purge(secretId?: string): void {
    this.#cache.purge(secretId);
  }

  #atHand(identity: SecretIdentity, sealed: SealedSecret): EnvelopeKey | undefined {
    return identity.purpose === this.#purpose ? this.#cache.atHand(cacheKeyOf(identity, sealed)) : undefined;
  }

  #key(identity: SecretIdentity, sealed: SealedSecret): Promise<EnvelopeKey> {
    if (identity.purpose !== this.#purpose) {
      const detail = `This process opens secrets for ${this.#purpose} only.`;
      return Promise.reject(new ClavigerError('internal', detail));
    }
    const { orgId, secretId } = identity;
    const ownKey = isOwnKmsRef(sealed.kmsRef);
    return this.#cache.get({
      cacheKey: cacheKeyOf(identity, sealed),
      secretId,
      // Two organizations may share a key of their own: what the cloud says of one's use says nothing of the other's.
      kmsRef: ownKey ? `${orgId} ${sealed.kmsRef}` : sealed.kmsRef,
      ownKey,
      fetch: () => this.#unwrap(identity, sealed),
    });
  }

  async #unwrap(identity: SecretIdentity, sealed: SealedSecret): Promise<EnvelopeKey> {
    const context = kmsContext(this.#deployment, identity);
    const dek = await this.#kms.decrypt(sealed.kmsRef, sealed.wrappedDek, context);
    return dek.useOnce(() => deriveEnvelopeKey(dek, sealed.envelope, this.#purpose));
  }
}

/** By secret as states hold them: every call with one state asks for the same. */
const cacheKeys = new WeakMap<SealedSecret, { identity: SecretIdentity; cacheKey: string }>();

function cacheKeyOf(identity: SecretIdentity, sealed: SealedSecret): string {
  const known = cacheKeys.get(sealed);
  if (known?.identity === identity) return known.cacheKey;
  const { orgId, secretId, version } = identity;
  // The whole hash: two rows must never share an entry.
  const cacheKey = `${orgId}/${secretId}/${version}/${sha256(sealed.wrappedDek).toString('base64')}`;
  if (Object.isFrozen(identity) && Object.isFrozen(sealed)) cacheKeys.set(sealed, { identity, cacheKey });
  return cacheKey;
}
