/**
 * Everything that can go wrong with a KMS, from any adapter:
 * `unavailable` no answer, or the service's own fault; `throttled` it asks us to slow down;
 * `denied` it answered that we may not; `key_gone` the master key is disabled, deleted or unknown;
 * `tampered` the wrapped key, its context or its envelope is not what was sealed.
 */
export type KmsErrorKind = 'unavailable' | 'throttled' | 'denied' | 'key_gone' | 'tampered';

/** A failure of the KMS or of the integrity of what it guards. The message is for logs and holds no secret. */
export class KmsError extends Error {
  readonly kind: KmsErrorKind;

  constructor(kind: KmsErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'KmsError';
    this.kind = kind;
  }
}
