import {
  DecryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import { SecretBytes } from '#lib/kernel';
import { KmsError } from '../kms-error.js';
import type { KmsContext } from '../kms.port.js';
import { toKmsError } from './aws-errors.js';

/** A caller waits 2 s at most (CUSTODY §3), so that the client gives up before that. */
const DEADLINE_MS = 1_800;

/** How every AWS client here behaves: two attempts, and an end to each of them. */
export const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 800, requestTimeout: DEADLINE_MS, throwOnRequestTimeout: true },
};

/** What a test passes instead of the credential chain, and what a role's session is called with. */
export type AwsCredentials = NonNullable<KMSClientConfig['credentials']>;

export function kmsClient(region: string, endpoint?: string, credentials?: AwsCredentials): KMSClient {
  return new KMSClient({
    region,
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
    ...PATIENCE,
  });
}

export async function generateDataKey(client: KMSClient, keyId: string, context: KmsContext) {
  const input = { KeyId: keyId, KeySpec: 'AES_256' as const, EncryptionContext: context };
  const answer = await send('GenerateDataKey', (abortSignal) =>
    client.send(new GenerateDataKeyCommand(input), { abortSignal }),
  );
  return {
    plaintext: takeKey(answer.Plaintext),
    wrapped: Buffer.from(present(answer.CiphertextBlob)),
    keyArn: present(answer.KeyId),
  };
}

/** The key is named although KMS could find it from the blob: a blob of a stranger's key must not open. */
export async function decrypt(
  client: KMSClient,
  keyId: string,
  wrapped: Uint8Array,
  context: KmsContext,
): Promise<SecretBytes> {
  const input = { KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: context };
  const answer = await send('Decrypt', (abortSignal) =>
    client.send(new DecryptCommand(input), { abortSignal }),
  );
  return takeKey(answer.Plaintext);
}

export async function reEncrypt(
  client: KMSClient,
  keyIds: { from: string; to: string },
  wrapped: Uint8Array,
  context: KmsContext,
) {
  const input = {
    CiphertextBlob: wrapped,
    SourceKeyId: keyIds.from,
    SourceEncryptionContext: context,
    DestinationKeyId: keyIds.to,
    DestinationEncryptionContext: context,
  };
  const answer = await send('ReEncrypt', (abortSignal) =>
    client.send(new ReEncryptCommand(input), { abortSignal }),
  );
  return { wrapped: Buffer.from(present(answer.CiphertextBlob)), keyArn: present(answer.KeyId) };
}

/** The ARN of a key that is enabled. Throws KmsError `key_gone` of any other. */
export async function describeKey(client: KMSClient, keyId: string): Promise<string> {
  const answer = await send('DescribeKey', (abortSignal) =>
    client.send(new DescribeKeyCommand({ KeyId: keyId }), { abortSignal }),
  );
  const key = present(answer.KeyMetadata);
  const arn = present(key.Arn);
  if (key.Enabled) return arn;
  throw new KmsError('key_gone', `AWS KMS: the key ${arn} is ${key.KeyState ?? 'not enabled'}`);
}

/** Sends with an overall deadline: the signal alone would not cover the look-up of credentials. Throws KmsError. */
export async function send<T>(
  operation: string,
  call: (signal: AbortSignal) => Promise<T>,
  service: 'KMS' | 'STS' = 'KMS',
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new KmsError('unavailable', `AWS ${service} ${operation}: no answer within ${DEADLINE_MS} ms`));
      controller.abort();
    }, DEADLINE_MS);
  });
  try {
    return await Promise.race([call(controller.signal), late]);
  } catch (error) {
    throw toKmsError(error, operation, service);
  } finally {
    clearTimeout(timer);
  }
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
