import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SecretBytes } from '#lib/kernel';
import { FakeKms, FakeVault, LocalKmsFiles } from '#lib/testing';
import { awsKms } from './aws/aws-kms.js';
import { createKms } from './create-kms.js';
import type { KmsByPrivilege, KmsContext, KmsRef, KmsSealPort } from './kms.port.js';

/** One master key that data keys were wrapped under before, and a newer one; every privilege over both. */
interface Subject extends KmsByPrivilege {
  /** Seals under the older key, as it was before the newer one came. */
  sealOlder: KmsSealPort;
  newerRef: KmsRef;
  unknownRef: KmsRef;
  stop(): Promise<void>;
}

const context: KmsContext = {
  app: 'claviger',
  deployment: 'dep',
  org: 'org_1',
  secret: 'sec_1',
  version: '1',
  purpose: 'call',
};

const adapters: Record<string, () => Promise<Subject>> = {
  async local() {
    const files = new LocalKmsFiles();
    const facts = { env: 'test' } as const;
    const config = files.config('call');
    const sealOlder = createKms(config, 'seal', facts);
    files.addPrimary('call');
    const seal = createKms(config, 'seal', facts);
    return {
      sealOlder,
      seal,
      open: createKms(config, 'open', facts),
      rewrap: createKms(config, 'rewrap', facts),
      newerRef: (await seal.describe('primary', 'call')).ref,
      unknownRef: 'local:call:00000000000000000000000000000000',
      stop: async () => files.remove(),
    };
  },
  async aws() {
    const wire = await FakeKms.start();
    const newer = wire.createKey();
    const credentials = { accessKeyId: 'AKIDTEST', secretAccessKey: 'test' };
    const config = { adapter: 'aws', endpoint: wire.url, region: 'eu-central-1' } as const;
    const older = { ...config, keyId: 'alias/claviger' };
    return {
      sealOlder: awsKms.seal(older, credentials),
      seal: awsKms.seal({ ...config, keyId: newer }, credentials),
      open: awsKms.open({ ...config, keyId: newer }, credentials),
      rewrap: awsKms.rewrap({ ...config, keyId: newer }, credentials),
      newerRef: `aws:${newer}`,
      unknownRef: 'aws:arn:aws:kms:eu-central-1:111122223333:key/none',
      stop: () => wire.stop(),
    };
  },
  async vault() {
    const wire = await FakeVault.start(['claviger-call']);
    const config = {
      adapter: 'vault',
      address: wire.url,
      keyId: 'claviger',
      mount: 'transit',
      token: 'hvs.test',
    } as const;
    const facts = { env: 'test' } as const;
    const seal = createKms(config, 'seal', facts);
    const { ref: olderRef } = await seal.describe('primary', 'call');
    wire.keys.rotate('claviger-call');
    return {
      sealOlder: { ...seal, generateDataKey: (_, bound) => seal.generateDataKey(olderRef, bound) },
      seal,
      open: createKms(config, 'open', facts),
      rewrap: createKms(config, 'rewrap', facts),
      newerRef: 'vault:transit/claviger-call:v2',
      unknownRef: 'vault:transit/none-call:v2',
      stop: () => wire.stop(),
    };
  },
};

describe.each(Object.entries(adapters))('the KMS port over %s', (_name, start) => {
  let kms: Subject;
  beforeAll(async () => {
    kms = await start();
  });
  afterAll(() => kms.stop());

  it('opens what was wrapped, 32 random bytes each time, under a resolved reference', async () => {
    const [a, b] = [
      await kms.seal.generateDataKey('primary', context),
      await kms.seal.generateDataKey('primary', context),
    ];
    expect(hex(a.plaintext)).toMatch(/^[0-9a-f]{64}$/);
    expect(hex(a.plaintext)).not.toBe(hex(b.plaintext));
    expect(a.ref).toBe(kms.newerRef);
    expect(hex(await kms.open.decrypt(a.ref, a.wrapped, context))).toBe(hex(a.plaintext));
  });

  it('still opens what was wrapped under an older master key', async () => {
    const old = await kms.sealOlder.generateDataKey('primary', context);
    expect(old.ref).not.toBe(kms.newerRef);
    expect(hex(await kms.open.decrypt(old.ref, old.wrapped, context))).toBe(hex(old.plaintext));
  });

  it('refuses a data key under another context, field by field', async () => {
    const { ref, wrapped } = await kms.seal.generateDataKey('primary', context);
    for (const field of ['deployment', 'org', 'secret', 'version']) {
      await expect(kms.open.decrypt(ref, wrapped, { ...context, [field]: 'other' })).rejects.toMatchObject({
        name: 'KmsError',
        kind: 'tampered',
      });
    }
    const otherPurpose = kms.open.decrypt(ref, wrapped, { ...context, purpose: 'webhook' });
    await expect(otherPurpose).rejects.toMatchObject({ name: 'KmsError' });
  });

  it('refuses a wrapped key with any one bit changed, or cut short', async () => {
    const { ref, wrapped } = await kms.seal.generateDataKey('primary', context);
    const attempts = [...wrapped.keys()].flatMap((at) => [flip(wrapped, at), wrapped.subarray(0, at)]);
    const kinds = await Promise.all(attempts.map((bytes) => kindOf(kms.open.decrypt(ref, bytes, context))));
    expect(new Set(kinds)).toEqual(new Set(['tampered']));
    expect(kinds).toHaveLength(2 * wrapped.length);
  });

  it('says that a master key is gone when it does not know it', async () => {
    const { wrapped } = await kms.seal.generateDataKey('primary', context);
    expect(await kindOf(kms.open.decrypt(kms.unknownRef, wrapped, context))).toBe('key_gone');
    expect(await kindOf(kms.seal.generateDataKey(kms.unknownRef, context))).toBe('key_gone');
    expect(await kindOf(kms.seal.describe(kms.unknownRef, 'call'))).toBe('key_gone');
  });

  it('does not open a wrapped key under another master key than its own', async () => {
    const old = await kms.sealOlder.generateDataKey('primary', context);
    expect(await kindOf(kms.open.decrypt(kms.newerRef, old.wrapped, context))).toBe('tampered');
  });

  it('re-wraps to the newer master key: same data key, same context', async () => {
    const old = await kms.sealOlder.generateDataKey('primary', context);
    const next = await kms.rewrap.reEncrypt(old.ref, old.wrapped, kms.newerRef, context);
    expect(next.ref).toBe(kms.newerRef);
    expect(hex(await kms.open.decrypt(next.ref, next.wrapped, context))).toBe(hex(old.plaintext));
    expect(await kindOf(kms.open.decrypt(next.ref, next.wrapped, { ...context, org: 'org_2' }))).toBe(
      'tampered',
    );
    const foreign = kms.rewrap.reEncrypt(old.ref, old.wrapped, kms.newerRef, { ...context, org: 'org_2' });
    expect(await kindOf(foreign)).toBe('tampered');
  });

  it('describes a key by a check value that is its own', async () => {
    const old = await kms.sealOlder.generateDataKey('primary', context);
    const [primary, again, older] = await Promise.all(
      ['primary', kms.newerRef, old.ref].map((ref) => kms.seal.describe(ref, 'call')),
    );
    expect(primary).toEqual(again);
    expect(older?.keyCheck).not.toBe(primary?.keyCheck);
  });

  it('#32 gives each privilege its own operation and no other', () => {
    expect(Object.keys(kms.seal).sort()).toEqual(['describe', 'generateDataKey']);
    expect(Object.keys(kms.open).sort()).toEqual(['decrypt', 'describe']);
    expect(Object.keys(kms.rewrap).sort()).toEqual(['describe', 'reEncrypt']);
  });
});

function hex(secret: SecretBytes): string {
  return secret.use((bytes) => bytes.toString('hex'));
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1 << (at % 8);
  return copy;
}

async function kindOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'opened',
    (error: unknown) =>
      error instanceof Error && 'kind' in error ? String(error.kind) : `not a KmsError: ${String(error)}`,
  );
}
