import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DecryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { FakeKms, type KmsCall } from '#lib/testing';

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string;
  Condition?: { StringEquals: Record<string, string | string[]> };
}

const POLICIES = { api: 'api-seals', engine: 'engine-opens', worker: 'worker-rewraps' } as const;
type Process = keyof typeof POLICIES;

function statementsOf(process: Process, keyArn: string): Statement[] {
  const text = readFileSync(`${import.meta.dirname}/${POLICIES[process]}.json`, 'utf8')
    .replaceAll('${CLAVIGER_KMS_KEY_ARN}', keyArn)
    .replaceAll('${CLAVIGER_DEPLOYMENT}', 'dep');
  const policy: { Statement: Statement[] } = JSON.parse(text);
  return policy.Statement;
}

/** What IAM makes of it: denied unless a statement allows it and all its conditions hold. */
function allows(statements: Statement[], action: string, context: Record<string, string>): boolean {
  return statements.some(({ Effect, Action, Condition }) => {
    const conditions = Object.entries(Condition?.StringEquals ?? {});
    const held = conditions.every(([name, wanted]) =>
      [wanted].flat().includes(context[name.replace('kms:EncryptionContext:', '')] ?? ''),
    );
    return Effect === 'Allow' && Action.includes(action) && held;
  });
}

describe('#32 the IAM policies of the processes', () => {
  let kms: FakeKms;
  let clients: Record<Process, KMSClient>;
  const context = {
    app: 'claviger',
    deployment: 'dep',
    org: 'o',
    secret: 's',
    version: '1',
    purpose: 'call',
  };

  beforeAll(async () => {
    kms = await FakeKms.start();
    kms.policy = (call: KmsCall) => {
      const process =
        call.accessKeyId === 'AKIDAPI' ? 'api' : call.accessKeyId === 'AKIDENGINE' ? 'engine' : 'worker';
      const actions = call.operation === 'ReEncrypt' ? ['ReEncryptFrom', 'ReEncryptTo'] : [call.operation];
      const statements = statementsOf(process, kms.keyArn);
      return actions.every((action) => allows(statements, `kms:${action}`, call.context));
    };
    const client = (accessKeyId: string) =>
      new KMSClient({
        region: 'eu-central-1',
        endpoint: kms.url,
        credentials: { accessKeyId, secretAccessKey: 'x' },
      });
    clients = { api: client('AKIDAPI'), engine: client('AKIDENGINE'), worker: client('AKIDWORKER') };
  });
  afterAll(() => kms.stop());

  /** Tries every operation on a data key of this context and names those that went through. */
  async function can(process: Process, change: Partial<typeof context> = {}): Promise<string[]> {
    const bound = { ...context, ...change };
    const policy = kms.policy;
    kms.policy = () => true;
    const made = await clients.api.send(
      new GenerateDataKeyCommand({ KeyId: kms.keyArn, KeySpec: 'AES_256', EncryptionContext: bound }),
    );
    kms.policy = policy;
    const client = clients[process];
    const KeyId = kms.keyArn;
    const blob = { CiphertextBlob: made.CiphertextBlob };
    const rewrap = {
      DestinationKeyId: KeyId,
      SourceEncryptionContext: bound,
      DestinationEncryptionContext: bound,
    };
    const attempts = {
      GenerateDataKey: client.send(
        new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: bound }),
      ),
      Decrypt: client.send(new DecryptCommand({ ...blob, EncryptionContext: bound })),
      ReEncrypt: client.send(new ReEncryptCommand({ ...blob, ...rewrap })),
      DescribeKey: client.send(new DescribeKeyCommand({ KeyId })),
    };
    const outcomes = await Promise.allSettled(Object.values(attempts));
    return Object.keys(attempts).filter((_, at) => outcomes[at]?.status === 'fulfilled');
  }

  it('let the api seal and do nothing else', async () => {
    expect(await can('api')).toEqual(['GenerateDataKey']);
    expect(await can('api', { purpose: 'login' })).toEqual(['GenerateDataKey']);
  });

  it('let the engine open what calls need and do nothing else', async () => {
    expect(await can('engine')).toEqual(['Decrypt']);
    expect(await can('engine', { purpose: 'webhook' })).toEqual([]);
    expect(await can('engine', { purpose: 'login' })).toEqual([]);
  });

  it('let the worker move data keys that it can’t read', async () => {
    expect(await can('worker')).toEqual(['ReEncrypt', 'DescribeKey']);
  });

  it('hold for this deployment only', async () => {
    for (const process of ['api', 'engine'] as const) {
      expect(await can(process, { deployment: 'other' })).toEqual([]);
      expect(await can(process, { app: 'other' })).toEqual([]);
    }
  });
});
