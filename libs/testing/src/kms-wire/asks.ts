import type { KmsOperation, WireInput } from './operations.js';

/** One right that IAM is asked for: an action on a key, with the encryption context that goes with this action. */
export interface KmsAsk {
  /** As policies name it, e.g. `kms:Decrypt`. */
  action: string;
  /** As the request names it; not at all where KMS finds it from the blob. */
  keyId?: string;
  context: Record<string, string>;
}

/**
 * What a request asks IAM for. A re-encryption "is authorized twice": `kms:ReEncryptFrom` on the source key, so with the source's
 * context, and `kms:ReEncryptTo` on the destination key, so with the destination's. No condition compares the two.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html (required permissions)
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (kms:EncryptionContext:context-key)
 */
export function kmsAsks(operation: KmsOperation, input: WireInput): KmsAsk[] {
  const ask = (action: string, key: string, context: string): KmsAsk => {
    const keyId = input.optionalText(key);
    return { action: `kms:${action}`, ...(keyId && { keyId }), context: input.context(context) };
  };
  return operation === 'ReEncrypt'
    ? [
        ask('ReEncryptFrom', 'SourceKeyId', 'SourceEncryptionContext'),
        ask('ReEncryptTo', 'DestinationKeyId', 'DestinationEncryptionContext'),
      ]
    : [ask(operation, 'KeyId', 'EncryptionContext')];
}
