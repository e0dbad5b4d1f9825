import type { KmsRef, KmsRewrapPort, Purpose, SecretIdentity } from '#lib/kms';
import { withinDeadline } from './kms-call.js';
import { kmsContext } from './sealed-secret.js';

export interface WrappedRow {
  /** Without the origins: they are bound by the envelope, not by the data key. */
  identity: Omit<SecretIdentity, 'origins'>;
  kmsRef: KmsRef;
  wrappedDek: Uint8Array;
}

export interface NewWrapping {
  kmsRef: KmsRef;
  wrappedDek: Buffer;
}

/**
 * Stores the new wrapping only where `wrapped_dek` is still `expected`, and says whether it did: a secret that was
 * rotated or shredded meanwhile must not come back.
 */
export type SaveIfUnchanged = (next: NewWrapping, expected: Uint8Array) => Promise<boolean>;

/** Moves data keys to another master key: for worker only. It never sees a secret. */
export class Rewrapper {
  readonly #kms: KmsRewrapPort;
  readonly #deployment: string;

  constructor(kms: KmsRewrapPort, deployment: string) {
    this.#kms = kms;
    this.#deployment = deployment;
  }

  /** The master key that data keys of this purpose are wrapped under today. Throws KmsError: then nothing else would go, either. */
  async target(purpose: Purpose): Promise<KmsRef> {
    return (await withinDeadline(this.#kms.describe('primary', purpose))).ref;
  }

  /**
   * Re-wraps one row under `to`, a reference that `target` answered. `current`: it already was; `changed`: the row
   * changed meanwhile and was left alone. Running it twice does no harm. Throws KmsError: no user waits for it, and who
   * runs it has to know an outage from a damaged row.
   */
  async rewrap(
    row: WrappedRow,
    to: KmsRef,
    save: SaveIfUnchanged,
  ): Promise<'rewrapped' | 'current' | 'changed'> {
    if (to === row.kmsRef) return 'current';
    const context = kmsContext(this.#deployment, row.identity);
    const next = await withinDeadline(this.#kms.reEncrypt(row.kmsRef, row.wrappedDek, to, context));
    const saved = await save({ kmsRef: next.ref, wrappedDek: next.wrapped }, row.wrappedDek);
    return saved ? 'rewrapped' : 'changed';
  }
}
