import type { SecretBytes } from '#lib/kernel';
import {
  KmsError,
  type KmsContext,
  type KmsErrorKind,
  type KmsKeyDescription,
  type KmsOpenPort,
  type KmsRef,
  type Purpose,
} from '#lib/kms';

/** A KMS that counts what it is asked and fails on demand; behind it works a real one. */
export class ScriptedKms implements KmsOpenPort {
  readonly #real: KmsOpenPort;
  decrypts = 0;
  /** Every answer is this failure while it is set; `hang` never answers. */
  fault: KmsErrorKind | 'hang' | undefined;
  /** Every data key that was handed out, to see that each was wiped. */
  readonly handedOut: SecretBytes[] = [];
  /** Awaited before each answer, so that a test can act while a request is on its way. */
  before: () => Promise<void> = async () => undefined;

  constructor(real: KmsOpenPort) {
    this.#real = real;
  }

  async decrypt(ref: KmsRef, wrapped: Uint8Array, context: KmsContext): Promise<SecretBytes> {
    this.decrypts += 1;
    await this.before();
    if (this.fault === 'hang') return new Promise(() => undefined);
    if (this.fault) throw new KmsError(this.fault, 'injected by the test');
    const key = await this.#real.decrypt(ref, wrapped, context);
    this.handedOut.push(key);
    return key;
  }

  describe(ref: KmsRef, purpose: Purpose): Promise<KmsKeyDescription> {
    return this.#real.describe(ref, purpose);
  }
}
