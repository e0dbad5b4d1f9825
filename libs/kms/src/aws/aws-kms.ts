import {
  DecryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import { SecretBytes } from '#lib/kernel';
import type { AwsKmsConfig } from '#lib/config';
import { KmsError } from '../kms-error.js';
import type { KmsByPrivilege, KmsKeyDescription, KmsRef } from '../kms.port.js';
import { toKmsError } from './aws-errors.js';

/** A caller waits 2 s at most (CUSTODY §3), so that the client gives up before that. */
const DEADLINE_MS = 1_800;
const CONNECT_MS = 800;
const PREFIX = 'aws:';

/** What a test passes instead of the credential chain. */
export type AwsCredentials = NonNullable<KMSClientConfig['credentials']>;

/** AWS KMS, one privilege at a time; the IAM policies in `infra/` allow each process the same and no more. */
export const awsKms: {
  [P in keyof KmsByPrivilege]: (config: AwsKmsConfig, credentials?: AwsCredentials) => KmsByPrivilege[P];
} = {
  seal(config, credentials) {
    const client = connect(config, credentials);
    return {
      async generateDataKey(ref, context) {
        const answer = await send('GenerateDataKey', (abortSignal) =>
          client.send(
            new GenerateDataKeyCommand({
              KeyId: keyId(config, ref),
              KeySpec: 'AES_256',
              EncryptionContext: context,
            }),
            { abortSignal },
          ),
        );
        return {
          plaintext: takeKey(answer.Plaintext),
          wrapped: Buffer.from(present(answer.CiphertextBlob)),
          ref: PREFIX + present(answer.KeyId),
        };
      },
      describe: (ref) => describe(client, config, ref),
    };
  },

  open(config, credentials) {
    const client = connect(config, credentials);
    return {
      async decrypt(ref, wrapped, context) {
        // The key is named although KMS could find it from the blob: a blob of a stranger's key must not open.
        const input = { KeyId: keyId(config, ref), CiphertextBlob: wrapped, EncryptionContext: context };
        const answer = await send('Decrypt', (abortSignal) =>
          client.send(new DecryptCommand(input), { abortSignal }),
        );
        return takeKey(answer.Plaintext);
      },
      describe: (ref) => describe(client, config, ref),
    };
  },

  rewrap(config, credentials) {
    const client = connect(config, credentials);
    return {
      async reEncrypt(from, wrapped, to, context) {
        const input = {
          CiphertextBlob: wrapped,
          SourceKeyId: keyId(config, from),
          SourceEncryptionContext: context,
          DestinationKeyId: keyId(config, to),
          DestinationEncryptionContext: context,
        };
        const answer = await send('ReEncrypt', (abortSignal) =>
          client.send(new ReEncryptCommand(input), { abortSignal }),
        );
        return { wrapped: Buffer.from(present(answer.CiphertextBlob)), ref: PREFIX + present(answer.KeyId) };
      },
      describe: (ref) => describe(client, config, ref),
    };
  },
};

function connect(config: AwsKmsConfig, credentials?: AwsCredentials): KMSClient {
  return new KMSClient({
    region: config.region,
    ...(config.endpoint && { endpoint: config.endpoint }),
    ...(credentials && { credentials }),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: DEADLINE_MS,
      throwOnRequestTimeout: true,
    },
  });
}

async function describe(client: KMSClient, config: AwsKmsConfig, ref: KmsRef): Promise<KmsKeyDescription> {
  const answer = await send('DescribeKey', (abortSignal) =>
    client.send(new DescribeKeyCommand({ KeyId: keyId(config, ref) }), { abortSignal }),
  );
  const key = present(answer.KeyMetadata);
  const arn = present(key.Arn);
  if (!key.Enabled)
    throw new KmsError('key_gone', `AWS KMS: the key ${arn} is ${key.KeyState ?? 'not enabled'}`);
  return { ref: PREFIX + arn, keyCheck: arn };
}

/** Sends with an overall deadline: the signal alone would not cover the look-up of credentials. */
async function send<T>(operation: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new KmsError('unavailable', `AWS KMS ${operation}: no answer within ${DEADLINE_MS} ms`));
      controller.abort();
    }, DEADLINE_MS);
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } catch (error) {
    throw toKmsError(error, operation);
  } finally {
    clearTimeout(timer);
  }
}

function keyId(config: AwsKmsConfig, ref: KmsRef): string {
  if (ref === 'primary') return config.keyId;
  if (!ref.startsWith(PREFIX))
    throw new KmsError('key_gone', `${ref} is not a key of AWS KMS: this process is set to CLAVIGER_KMS=aws`);
  return ref.slice(PREFIX.length);
}

function takeKey(plaintext: Uint8Array | undefined): SecretBytes {
  const bytes = present(plaintext);
  const key = SecretBytes.take(Buffer.from(bytes));
  bytes.fill(0);
  if (key.length === 32) return key;
  key.wipe();
  throw new KmsError('tampered', 'AWS KMS answered with a data key that is not 32 bytes long');
}

function present<T>(value: T | undefined): T {
  if (value === undefined)
    throw new KmsError('unavailable', 'AWS KMS answered without a field that it always sends');
  return value;
}
