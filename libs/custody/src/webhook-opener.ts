import type { Clock, SecretBytes } from '#lib/kernel';
import type { KmsOpenPort, SecretIdentity } from '#lib/kms';
import { Opener } from './opener.js';
import type { SealedSecret } from './sealed-secret.js';

/** Opens what signs webhooks, and nothing else (ARCHITECTURE, rule 2): for worker only. */
export class WebhookOpener {
  readonly #opener: Opener;

  constructor(kms: KmsOpenPort, deployment: string, clock: Clock) {
    this.#opener = new Opener(kms, deployment, clock, 'webhook');
  }

  /** As `Opener.open`, of the one purpose. Throws ClavigerError kms_unavailable and internal. */
  open(identity: Omit<SecretIdentity, 'purpose'>, sealed: SealedSecret): Promise<SecretBytes> {
    return this.#opener.open({ ...identity, purpose: 'webhook' }, sealed);
  }
}
