import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { DecryptCommand, KMSClient, ReEncryptCommand } from '@aws-sdk/client-kms';
import { ownKmsRef, type OwnKmsKey } from '#lib/contracts';
import { systemClock } from '#lib/kernel';
import { createKms, type OwnKms } from '#lib/kms';
import {
  FakeKms,
  FakeSts,
  iamAllows,
  LocalKmsFiles,
  readPolicy,
  type AssumeRoleCall,
  type KmsCall,
} from '#lib/testing';

const ROLE = 'arn:aws:iam::222233334444:role/claviger-key';
const OURS = {
  api: 'AKIDAPI',
  engine: 'AKIDENGINE',
  worker: 'AKIDWORKER',
  webhooks: 'AKIDWEBHOOKS',
} as const;
type Process = keyof typeof OURS;
const principalOf = (process: string): string => `arn:aws:iam::111122223333:role/claviger-${process}`;
const policy = (name: string, values: Record<string, string>) =>
  readPolicy(`${import.meta.dirname}/policies/${name}.json`, values);

const TRUST = policy('trust', {
  external_id: 'ext-a',
  org_id: 'org_a',
  ...Object.fromEntries(Object.keys(OURS).map((process) => [`${process}_principal`, principalOf(process)])),
});

/** STS as the role's trust policy makes it. */
function trusts(call: AssumeRoleCall): boolean {
  const process = Object.entries(OURS).find(([, accessKeyId]) => accessKeyId === call.accessKeyId)?.[0];
  const tags = Object.entries(call.tags).map(([name, value]) => [`aws:RequestTag/${name}`, value]);
  const facts: Record<string, string | undefined> = {
    'sts:ExternalId': call.externalId ?? undefined,
    ...Object.fromEntries(tags),
  };
  const principal = principalOf(String(process));
  return ['sts:AssumeRole', 'sts:TagSession'].every((action) =>
    iamAllows(TRUST, { action, resource: call.roleArn, principal, facts }),
  );
}

/** KMS as the role's policy and the key's own make it: both have to let a call through. */
function permits(
  keyArn: string,
  principal: string,
  { asks, session }: Pick<KmsCall, 'asks' | 'session'>,
): boolean {
  const identity = policy('role', { key_arns: keyArn, deployment: 'dep', org_id: 'org_a' });
  const resource = policy('key', { account_id: '222233334444', partition: 'aws', role_arn: ROLE });
  const tags = Object.entries(session?.tags ?? {});
  return asks.every(({ action, context }) => {
    const facts: Record<string, string | undefined> = { 'aws:PrincipalArn': principal };
    for (const [name, value] of Object.entries(context)) facts[`kms:EncryptionContext:${name}`] = value;
    for (const [name, value] of tags) facts[`aws:PrincipalTag/${name}`] = value;
    const request = { action, resource: keyArn, facts };
    return iamAllows(identity, request) && iamAllows(resource, { ...request, principal });
  });
}

const context = (change: object = {}) => ({
  ...{ app: 'claviger' as const, deployment: 'dep', org: 'org_a', secret: 'sec_1', version: '1' },
  purpose: 'call' as const,
  ...change,
});

describe('#32 the policies of an organization’s own key and role', () => {
  let kms: FakeKms;
  let sts: FakeSts;
  let files: LocalKmsFiles;
  let keyArn: string;
  let mine: OwnKmsKey;

  beforeAll(async () => {
    kms = await FakeKms.start();
    sts = await FakeSts.start();
    kms.sts = sts;
    files = new LocalKmsFiles();
    sts.addRole({ arn: ROLE });
    keyArn = kms.createKeyOf(ROLE);
    mine = { orgId: 'org_a', keyArn, roleArn: ROLE, externalId: 'ext-a' };
  });
  beforeEach(() => {
    sts.trust = trusts;
    kms.policy = (call) => permits(keyArn, ROLE, call);
  });
  afterAll(async () => {
    await Promise.all([kms.stop(), sts.stop()]);
    files.remove();
  });

  const ownKms = (process: Process): OwnKms => ({
    keys: { active: async () => mine, find: async () => mine },
    aws: { region: 'eu-central-1', stsEndpoint: sts.url, kmsEndpoint: kms.url, principals: null },
    clock: systemClock,
    identity: { accessKeyId: OURS[process], secretAccessKey: 'test' },
  });
  const facts = (process: Process) => ({ env: 'test', ownKms: ownKms(process) }) as const;
  const seal = (as: Process = 'api') => createKms(files.config(), 'seal', facts(as));
  const open = (as: Process = 'engine') => createKms(files.config('call'), 'open', facts(as));
  const rewrap = (as: Process = 'worker') => createKms(files.config('call'), 'rewrap', facts(as));
  const denied = expect.objectContaining({ kind: 'denied' });
  const ref = () => ownKmsRef(mine);

  it('let the api seal, the engine open and the worker re-wrap', async () => {
    const { wrapped } = await seal().generateDataKey('primary', context());
    expect((await open().decrypt(ref(), wrapped, context())).length).toBe(32);
    const next = await rewrap().reEncrypt(ref(), wrapped, ref(), context());
    expect((await open().decrypt(ref(), next.wrapped, context())).length).toBe(32);
  });

  it('admit no process under another’s name: who holds the api’s identity gets no session that opens', async () => {
    const { wrapped } = await seal().generateDataKey('primary', context());
    for (const thief of ['api', 'worker'] as const)
      await expect(open(thief).decrypt(ref(), wrapped, context())).rejects.toEqual(denied);
    for (const thief of ['api', 'engine'] as const)
      await expect(rewrap(thief).reEncrypt(ref(), wrapped, ref(), context())).rejects.toEqual(denied);
    for (const thief of ['engine', 'worker'] as const)
      await expect(seal(thief).generateDataKey('primary', context())).rejects.toEqual(denied);
  });

  it('let a session do its own process’s work and no other, whatever code runs with it', async () => {
    const { wrapped } = await seal().generateDataKey('primary', context());
    const client = await sessionOf('api');
    const decrypt = new DecryptCommand({
      KeyId: keyArn,
      CiphertextBlob: wrapped,
      EncryptionContext: context(),
    });
    await expect(client.send(decrypt)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const login = await seal().generateDataKey('primary', context({ purpose: 'login' }));
    const other = open().decrypt(ref(), login.wrapped, context({ purpose: 'login' }));
    await expect(other).rejects.toEqual(denied);
  });

  it('let no session move a data key into another purpose or organization, the worker’s included', async () => {
    const worker = await sessionOf('worker');
    const { wrapped } = await seal().generateDataKey('primary', context());
    const move = (to: object) =>
      worker.send(
        new ReEncryptCommand({
          ...{ CiphertextBlob: wrapped, SourceKeyId: keyArn, DestinationKeyId: keyArn },
          ...{ SourceEncryptionContext: context(), DestinationEncryptionContext: context(to) },
        }),
      );
    const denied = { name: 'AccessDeniedException' };
    for (const to of [
      { purpose: 'webhook' },
      { purpose: 'login' },
      { org: 'org_b' },
      { deployment: 'other' },
    ])
      await expect(move(to)).rejects.toMatchObject(denied);
    expect((await move({})).CiphertextBlob).toBeDefined();
    const hook = await seal().generateDataKey('primary', context({ purpose: 'webhook' }));
    const open = new DecryptCommand({
      KeyId: keyArn,
      CiphertextBlob: hook.wrapped,
      EncryptionContext: context({ purpose: 'webhook' }),
    });
    await expect(worker.send(open)).rejects.toMatchObject(denied);
  });

  it('#55 let the worker that sends open what signs webhooks, under a name of its own, and nothing of calls', async () => {
    const facts = { env: 'test', ownKms: { ...ownKms('webhooks'), process: 'webhooks' } } as const;
    const webhooks = createKms(files.config('webhook'), 'open', facts);
    const hook = await seal().generateDataKey('primary', context({ purpose: 'webhook' }));
    expect((await webhooks.decrypt(ref(), hook.wrapped, context({ purpose: 'webhook' }))).length).toBe(32);
    const { wrapped } = await seal().generateDataKey('primary', context());
    await expect(webhooks.decrypt(ref(), wrapped, context())).rejects.toEqual(denied);
  });

  it('hold for this organization, installation and application alone', async () => {
    for (const change of [{ org: 'org_b' }, { deployment: 'other' }, { app: 'other' }])
      await expect(seal().generateDataKey('primary', context(change))).rejects.toEqual(denied);
  });

  it('ask for the external id and the organization’s tag', async () => {
    const right = mine;
    for (const change of [{ externalId: 'ext-b' }, { orgId: 'org_b' }]) {
      mine = { ...right, ...change };
      const refused = { kind: 'denied', message: expect.stringContaining('AssumeRole') };
      await expect(seal().generateDataKey('primary', context())).rejects.toMatchObject(refused);
    }
    mine = right;
  });

  it('let nobody else in the account use the key, an administrator included', async () => {
    const call = { asks: [{ action: 'kms:Decrypt', context: context() }] };
    const session = { roleArn: ROLE, sessionName: 's', sessionToken: 't' };
    const tags = { 'claviger-org': 'org_a', 'claviger-process': 'engine' };
    const asEngine = { ...call, session: { ...session, tags } };
    expect(permits(keyArn, ROLE, asEngine)).toBe(true);
    expect(permits(keyArn, 'arn:aws:iam::222233334444:role/admin', asEngine)).toBe(false);
  });

  /** A session as the process gets one, in the hands of other code. */
  async function sessionOf(process: Process): Promise<KMSClient> {
    const identity = { accessKeyId: OURS[process], secretAccessKey: 'test' };
    const client = new STSClient({ region: 'eu-central-1', endpoint: sts.url, credentials: identity });
    const { Credentials } = await client.send(
      new AssumeRoleCommand({
        ...{ RoleArn: ROLE, ExternalId: 'ext-a', RoleSessionName: 's' },
        Tags: [
          { Key: 'claviger-org', Value: 'org_a' },
          { Key: 'claviger-process', Value: process },
        ],
      }),
    );
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    };
    return new KMSClient({ region: 'eu-central-1', endpoint: kms.url, credentials });
  }
});
