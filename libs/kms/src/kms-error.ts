/**
 * Everything that can go wrong with a KMS, from any adapter:
 * `unavailable` no answer, or the service's own fault; `throttled` it asks us to slow down;
 * `denied` it answered that we may not; `key_gone` the master key is disabled, deleted or unknown;
 * `tampered` the wrapped key, its context or its envelope is not what was sealed.
 */
export type KmsErrorKind = 'unavailable' | 'throttled' | 'denied' | 'key_gone' | 'tampered';

/**
 * Set where the failure is about a KMS key of the organization's own: `owner` can mend it in their cloud account,
 * `operator` in the settings of this installation.
 */
export type OwnKeyMender = 'owner' | 'operator';

/** A failure of the KMS or of the integrity of what it guards. The message is for logs and holds no secret. */
export class KmsError extends Error {
  readonly kind: KmsErrorKind;
  readonly ownKey: OwnKeyMender | undefined;

  constructor(kind: KmsErrorKind, message: string, options?: { cause?: unknown; ownKey?: OwnKeyMender }) {
    super(message, options);
    this.name = 'KmsError';
    this.kind = kind;
    this.ownKey = options?.ownKey;
  }
}
