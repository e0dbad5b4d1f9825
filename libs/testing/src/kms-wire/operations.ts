import { randomBytes } from 'node:crypto';
import { WireFault, type KeyStore, type WireContext } from './key-store.js';

export const KMS_OPERATIONS = ['GenerateDataKey', 'Decrypt', 'ReEncrypt', 'DescribeKey'] as const;
export type KmsOperation = (typeof KMS_OPERATIONS)[number];

/** One request, as the client put it on the wire. */
export class WireInput {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(json: unknown) {
    this.#fields = new Map(Object.entries(json ?? {}));
  }

  optionalText(name: string): string | undefined {
    const value = this.#fields.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new WireFault('ValidationException', `${name} must not be null`);
    return value;
  }

  blob(name: string): Buffer {
    return Buffer.from(this.text(name), 'base64');
  }

  context(name: string): WireContext {
    const pairs = Object.entries(this.#fields.get(name) ?? {});
    return Object.fromEntries(pairs.map(([key, value]) => [key, String(value)]));
  }
}

/** Answers as the KMS API reference has it: blobs in base64, keys by ARN. */
export function answer(keys: KeyStore, operation: KmsOperation, input: WireInput): Record<string, unknown> {
  switch (operation) {
    case 'GenerateDataKey': {
      const key = keys.usable(input.text('KeyId'));
      const plaintext = randomBytes(32);
      const blob = keys.wrap(key, plaintext, input.context('EncryptionContext'));
      return {
        CiphertextBlob: blob.toString('base64'),
        Plaintext: plaintext.toString('base64'),
        KeyId: key.arn,
      };
    }
    case 'Decrypt': {
      const context = input.context('EncryptionContext');
      const { key, plaintext } = keys.unwrap(
        input.blob('CiphertextBlob'),
        context,
        input.optionalText('KeyId'),
      );
      return {
        Plaintext: plaintext.toString('base64'),
        KeyId: key.arn,
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      };
    }
    case 'ReEncrypt': {
      const from = input.context('SourceEncryptionContext');
      const source = keys.unwrap(input.blob('CiphertextBlob'), from, input.optionalText('SourceKeyId'));
      const target = keys.usable(input.text('DestinationKeyId'));
      const blob = keys.wrap(target, source.plaintext, input.context('DestinationEncryptionContext'));
      return { CiphertextBlob: blob.toString('base64'), SourceKeyId: source.key.arn, KeyId: target.arn };
    }
    case 'DescribeKey': {
      const { arn, id, state } = keys.find(input.text('KeyId'));
      return { KeyMetadata: { Arn: arn, KeyId: id, KeyState: state, Enabled: state === 'Enabled' } };
    }
  }
}
