import type { Opener } from '#lib/custody/opener';
import type { SealedSecret, SecretIdentity } from '#lib/custody';
import type { SecretBytes } from '#lib/kernel';
import { ClavigerError, type SealedCredential, type StateSealed } from '#lib/contracts';

/** The credential of a key without a secret, e.g. of a local Ollama. */
const NOTHING: SealedCredential = { secret: '' };

type KeyOpener = Pick<Opener, 'open' | 'prefetch' | 'openAtHand' | 'isAtHand'>;

/** Opens provider keys, and what tools of a run carry, for a call and makes sure that the plaintext bytes are wiped when it is over. */
export class KeyLeases {
  readonly #opener: KeyOpener;

  constructor(opener: KeyOpener) {
    this.#opener = opener;
  }

  /** Whether the key could be opened this very moment. */
  isWarm(orgId: string, sealed: StateSealed): boolean {
    const known = sealedOf(orgId, sealed);
    return !known || this.#opener.isAtHand(known.identity, known.secret);
  }

  /** Gets the key's wrapping key before anything is reserved: a key service that is down refuses the call with nothing begun. */
  async warm(orgId: string, sealed: StateSealed): Promise<void> {
    const known = sealedOf(orgId, sealed);
    if (known && !this.isWarm(orgId, sealed)) await this.#opener.prefetch(known.identity, known.secret);
  }

  /**
   * Lends the opened credential to `fn`; the bytes are zeroed before it is called. The strings inside `credential` cannot be wiped:
   * keep them nowhere. Throws `kms_unavailable`.
   */
  async use<T>(
    orgId: string,
    sealed: StateSealed,
    fn: (credential: SealedCredential) => Promise<T>,
  ): Promise<T> {
    const known = sealedOf(orgId, sealed);
    if (!known) return fn(NOTHING);
    const { identity, secret } = known;
    const opened = this.#opener.openAtHand(identity, secret) ?? (await this.#opener.open(identity, secret));
    return fn(credentialOnce(opened));
  }
}

interface Found {
  identity: SecretIdentity;
  secret: SealedSecret;
}

/** A state never changes once it was read: what it holds of a key is put in the opener's words once. */
const finds = new WeakMap<StateSealed, Found>();

function sealedOf(orgId: string, sealed: StateSealed): Found | undefined {
  const known = finds.get(sealed);
  if (known?.identity.orgId === orgId) return known;
  const made = madeOf(orgId, sealed);
  if (made) finds.set(sealed, made);
  return made;
}

function madeOf(orgId: string, sealed: StateSealed): Found | undefined {
  const { secretId, secretVersion, format, kmsRef, wrappedDek, envelope, origins, name } = sealed;
  if (secretId === null) return undefined;
  if (secretVersion === null || format === null || kmsRef === null || !wrappedDek || !envelope) {
    throw new ClavigerError(
      'no_provider_key',
      `"${name}" has no secret to open. An OWNER enters it again under Settings → AI Providers.`,
    );
  }
  const identity: SecretIdentity = { orgId, secretId, version: secretVersion, purpose: 'call', origins };
  return {
    identity: Object.freeze(identity),
    secret: Object.freeze({ format, kmsRef, wrappedDek, envelope }),
  };
}

function credentialOnce(secret: SecretBytes): SealedCredential {
  try {
    return secret.use(credentialIn);
  } finally {
    secret.wipe();
  }
}

function credentialIn(bytes: Buffer): SealedCredential {
  const value: unknown = JSON.parse(bytes.toString('utf8'));
  if (typeof value === 'object' && value !== null && 'secret' in value && typeof value.secret === 'string') {
    const second =
      'secondSecret' in value && typeof value.secondSecret === 'string'
        ? { secondSecret: value.secondSecret }
        : {};
    return { secret: value.secret, ...second };
  }
  throw new ClavigerError('internal', 'The stored credential has a form that this version does not know.');
}
