import type { AwsKmsConfig } from '#lib/config';
import { KmsError } from '../kms-error.js';
import type { KmsByPrivilege, KmsKeyDescription, KmsRef } from '../kms.port.js';
import {
  decrypt,
  describeKey,
  generateDataKey,
  kmsClient,
  reEncrypt,
  type AwsCredentials,
} from './aws-calls.js';

const PREFIX = 'aws:';

/** AWS KMS, one privilege at a time; the IAM policies in `infra/` allow each process the same and no more. */
export const awsKms: {
  [P in keyof KmsByPrivilege]: (config: AwsKmsConfig, credentials?: AwsCredentials) => KmsByPrivilege[P];
} = {
  seal(config, credentials) {
    const client = connect(config, credentials);
    return {
      async generateDataKey(ref, context) {
        const { keyArn, ...key } = await generateDataKey(client, keyId(config, ref), context);
        return { ...key, ref: PREFIX + keyArn };
      },
      describe: (ref) => describe(client, config, ref),
    };
  },

  open(config, credentials) {
    const client = connect(config, credentials);
    return {
      decrypt: async (ref, wrapped, context) => decrypt(client, keyId(config, ref), wrapped, context),
      describe: (ref) => describe(client, config, ref),
    };
  },

  rewrap(config, credentials) {
    const client = connect(config, credentials);
    return {
      async reEncrypt(from, wrapped, to, context) {
        const keyIds = { from: keyId(config, from), to: keyId(config, to) };
        const { keyArn, ...next } = await reEncrypt(client, keyIds, wrapped, context);
        return { ...next, ref: PREFIX + keyArn };
      },
      describe: (ref) => describe(client, config, ref),
    };
  },
};

type Client = ReturnType<typeof kmsClient>;

function connect({ region, endpoint }: AwsKmsConfig, credentials?: AwsCredentials): Client {
  return kmsClient(region, endpoint, credentials);
}

async function describe(client: Client, config: AwsKmsConfig, ref: KmsRef): Promise<KmsKeyDescription> {
  const arn = await describeKey(client, keyId(config, ref));
  return { ref: PREFIX + arn, keyCheck: arn };
}

function keyId(config: AwsKmsConfig, ref: KmsRef): string {
  if (ref === 'primary') return config.keyId;
  if (!ref.startsWith(PREFIX))
    throw new KmsError('key_gone', `${ref} is not a key of AWS KMS: this process is set to CLAVIGER_KMS=aws`);
  return ref.slice(PREFIX.length);
}
