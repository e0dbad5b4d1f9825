import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  DecryptCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import {
  FakeKms,
  iamAllows,
  readPolicy,
  type IamRequest,
  type IamStatement,
  type KmsCall,
} from '#lib/testing';

const POLICIES = {
  api: 'api-seals',
  engine: 'engine-opens',
  worker: 'worker-rewraps',
  webhooks: 'webhooks-open',
  rewrapWebhooks: 'webhooks-rewrap',
} as const;
type Process = keyof typeof POLICIES;
const PROCESSES = ['api', 'engine', 'worker', 'webhooks', 'rewrapWebhooks'] as const;

function statementsOf(process: Process, keyArn: string): IamStatement[] {
  const values = { key_arns: keyArn, deployment: 'dep' };
  return readPolicy(`${import.meta.dirname}/policies/${POLICIES[process]}.json`, values);
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
      const process = PROCESSES.find((name) => call.accessKeyId === `AKID${name.toUpperCase()}`);
      const statements = process ? statementsOf(process, kms.keyArn) : [];
      return call.asks.every(({ action, context }) => {
        const facts = Object.fromEntries(
          Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
        );
        return iamAllows(statements, { action, resource: kms.keyArn, facts });
      });
    };
    const client = (accessKeyId: string) =>
      new KMSClient({
        region: 'eu-central-1',
        endpoint: kms.url,
        credentials: { accessKeyId, secretAccessKey: 'x' },
      });
    clients = {
      api: client('AKIDAPI'),
      engine: client('AKIDENGINE'),
      worker: client('AKIDWORKER'),
      webhooks: client('AKIDWEBHOOKS'),
      rewrapWebhooks: client('AKIDREWRAPWEBHOOKS'),
    };
  });
  afterAll(() => kms.stop());

  /** A data key of this context, whoever may make one. */
  async function wrapped(bound: typeof context) {
    const policy = kms.policy;
    kms.policy = () => true;
    const made = await clients.api.send(
      new GenerateDataKeyCommand({ KeyId: kms.keyArn, KeySpec: 'AES_256', EncryptionContext: bound }),
    );
    kms.policy = policy;
    return { CiphertextBlob: made.CiphertextBlob };
  }

  /** Tries every operation on a data key of this context and names those that went through. */
  async function can(process: Process, change: Partial<typeof context> = {}): Promise<string[]> {
    const bound = { ...context, ...change };
    const blob = await wrapped(bound);
    const client = clients[process];
    const KeyId = kms.keyArn;
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

  it('let the worker move data keys of calls, which it can’t read, and do nothing with others', async () => {
    expect(await can('worker')).toEqual(['ReEncrypt', 'DescribeKey']);
    for (const purpose of ['webhook', 'login'])
      expect(await can('worker', { purpose })).toEqual(['DescribeKey']);
  });

  it('#55 let the worker that sends open what signs webhooks and do nothing else, and another role move that', async () => {
    expect(await can('webhooks', { purpose: 'webhook' })).toEqual(['Decrypt']);
    expect(await can('rewrapWebhooks', { purpose: 'webhook' })).toEqual(['ReEncrypt', 'DescribeKey']);
    for (const purpose of ['call', 'login']) {
      expect(await can('webhooks', { purpose })).toEqual([]);
      expect(await can('rewrapWebhooks', { purpose })).toEqual(['DescribeKey']);
    }
  });

  it('let nobody move a data key into another purpose, so that none is opened by way of it', async () => {
    const purposes = ['call', 'webhook', 'login'];
    for (const process of PROCESSES)
      for (const from of purposes)
        for (const to of purposes.filter((purpose) => purpose !== from)) {
          const [source, destination] = [from, to].map((purpose) => ({ ...context, purpose }));
          const move = new ReEncryptCommand({
            ...(await wrapped({ ...context, ...source })),
            DestinationKeyId: kms.keyArn,
            SourceEncryptionContext: source,
            DestinationEncryptionContext: destination,
          });
          await expect(clients[process].send(move)).rejects.toMatchObject({ name: 'AccessDeniedException' });
        }
  });

  it('never let one process both move data keys and open them', () => {
    for (const process of PROCESSES) {
      const actions = statementsOf(process, 'arn:key').flatMap(({ Action }) => Action);
      const work = ['GenerateDataKey', 'Decrypt', 'ReEncryptFrom'].filter((one) =>
        actions.includes(`kms:${one}`),
      );
      expect(work).toHaveLength(1);
      expect(actions.join()).not.toContain('*');
    }
  });

  it('hold for this deployment only', async () => {
    for (const process of ['api', 'engine'] as const) {
      expect(await can(process, { deployment: 'other' })).toEqual([]);
      expect(await can(process, { app: 'other' })).toEqual([]);
    }
    expect(await can('worker', { deployment: 'other' })).toEqual(['DescribeKey']);
  });

  it('hold for the keys that are named, of which there may be several while one is replaced', () => {
    const statements = statementsOf('engine', 'arn:new", "arn:old');
    const facts = { app: 'claviger', deployment: 'dep', purpose: 'call' };
    const ask = (resource: string): boolean =>
      iamAllows(statements, {
        action: 'kms:Decrypt',
        resource,
        facts: Object.fromEntries(
          Object.entries(facts).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
        ),
      });
    expect(['arn:new', 'arn:old', 'arn:other'].map(ask)).toEqual([true, true, false]);
  });
});

describe('#32 the policy by which a process assumes roles of organizations', () => {
  const facts = {
    'sts:ExternalId': 'ext',
    'aws:RequestTag/claviger-org': 'org_a',
    'aws:RequestTag/claviger-process': 'api',
    'aws:ResourceAccount': '222233334444',
  };
  const asked = (change: Record<string, string | undefined> = {}): boolean => {
    const values = { process: 'api', account_id: '111122223333', partition: 'aws' };
    const statements = readPolicy(`${import.meta.dirname}/policies/assume-org-roles.json`, values);
    const request: IamRequest = {
      action: 'sts:AssumeRole',
      resource: 'arn:aws:iam::222233334444:role/claviger-key',
      facts: { ...facts, ...change },
    };
    return iamAllows(statements, request);
  };

  it('lets it ask under its own name, for one organization, with an external id, in other accounts than ours', () => {
    expect(asked()).toBe(true);
    expect(asked({ 'aws:RequestTag/claviger-process': 'engine' })).toBe(false);
    expect(asked({ 'aws:RequestTag/claviger-process': undefined })).toBe(false);
    expect(asked({ 'aws:RequestTag/claviger-org': undefined })).toBe(false);
    expect(asked({ 'sts:ExternalId': undefined })).toBe(false);
    expect(asked({ 'aws:ResourceAccount': '111122223333' })).toBe(false);
  });
});
