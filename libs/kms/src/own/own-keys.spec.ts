import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#lib/kernel';
import { ownKmsRef, type OwnKmsKey } from '#lib/contracts';
import { FakeKms, FakeSts, LocalKmsFiles } from '#lib/testing';
import { createKms } from '../create-kms.js';
import type { KmsContext, KmsPrivilege } from '../kms.port.js';

const ROLE = 'arn:aws:iam::222233334444:role/claviger-key';
const OTHER_ROLE = 'arn:aws:iam::555566667777:role/claviger-key';
const context: KmsContext = {
  app: 'claviger',
  deployment: 'dep',
  org: 'org_a',
  secret: 'sec_1',
  version: '1',
  purpose: 'call',
};

let wire: FakeKms;
let sts: FakeSts;
let files: LocalKmsFiles;
let clock: ManualClock;
/** What organizations named, as the database would have it. */
let rows: (OwnKmsKey & { active: boolean })[];
let mine: OwnKmsKey;

beforeEach(async () => {
  wire = await FakeKms.start();
  sts = await FakeSts.start();
  wire.sts = sts;
  files = new LocalKmsFiles();
  clock = new ManualClock();
  sts.addRole({ arn: ROLE, externalId: 'ext-a' });
  mine = { orgId: 'org_a', keyArn: wire.createKeyOf(ROLE), roleArn: ROLE, externalId: 'ext-a' };
  rows = [{ ...mine, active: true }];
});
afterEach(async () => {
  await Promise.all([wire.stop(), sts.stop()]);
  files.remove();
});

const keys = {
  active: async (orgId: string) => rows.find((row) => row.active && row.orgId === orgId) ?? null,
  find: async (orgId: string, ref: string) =>
    rows.find((row) => row.orgId === orgId && ownKmsRef(row) === ref) ?? null,
};

/** A process over a local platform key; `aws` null: its operator gave it no AWS identity. */
function kms<P extends KmsPrivilege>(privilege: P, aws: 'on' | null = 'on') {
  const endpoints = { stsEndpoint: sts.url, kmsEndpoint: wire.url };
  return createKms(files.config('call'), privilege, {
    env: 'test',
    ownKms: {
      keys,
      clock,
      aws: aws && { region: 'eu-central-1', ...endpoints, principals: null },
      identity: { accessKeyId: `AKID${privilege.toUpperCase()}`, secretAccessKey: 'test' },
    },
  });
}

describe('an organization’s own KMS key', () => {
  it('wraps what is sealed for that organization, under the role’s session and no other identity', async () => {
    const { ref, wrapped, plaintext } = await kms('seal').generateDataKey('primary', context);
    expect(ref).toBe(`own-aws:${mine.keyArn}|${ROLE}`);
    const opened = await kms('open').decrypt(ref, wrapped, context);
    expect(opened.use((bytes) => bytes.toString('hex'))).toBe(
      plaintext.use((bytes) => bytes.toString('hex')),
    );
    expect(sts.calls).toEqual([
      expect.objectContaining({
        accessKeyId: 'AKIDSEAL',
        externalId: 'ext-a',
        sessionName: 'claviger-api-org_a',
        tags: { 'claviger-org': 'org_a', 'claviger-process': 'api' },
        durationSeconds: 900,
      }),
      expect.objectContaining({ accessKeyId: 'AKIDOPEN', sessionName: 'claviger-engine-org_a' }),
    ]);
    expect(wire.calls.map(({ operation, session }) => [operation, session?.roleArn])).toEqual([
      ['GenerateDataKey', ROLE],
      ['Decrypt', ROLE],
    ]);
  });

  it('leaves every other organization with the platform’s key', async () => {
    const { ref } = await kms('seal').generateDataKey('primary', { ...context, org: 'org_b' });
    expect(ref).toMatch(/^local:call:/);
    expect([sts.calls, wire.calls]).toEqual([[], []]);
  });

  it('takes role and external id from the settings of the caller’s organization, whatever the row says', async () => {
    const { ref, wrapped } = await kms('seal').generateDataKey('primary', context);
    const stolen = kms('open').decrypt(ref, wrapped, { ...context, org: 'org_b' });
    await expect(stolen).rejects.toMatchObject({ kind: 'denied', ownKey: 'owner' });
    const forged = kms('open').decrypt(`own-aws:${mine.keyArn}|${OTHER_ROLE}`, wrapped, context);
    await expect(forged).rejects.toMatchObject({ kind: 'denied' });
    expect(sts.calls).toHaveLength(1);
  });

  it('is not reached by an organization that names another’s role and key: the external id is its own', async () => {
    rows.push({ ...mine, orgId: 'org_evil', externalId: 'ext-evil', active: true });
    const attempt = kms('seal').generateDataKey('primary', { ...context, org: 'org_evil' });
    await expect(attempt).rejects.toMatchObject({ kind: 'denied', ownKey: 'owner' });
    expect(wire.calls).toEqual([]);
  });

  it.each([
    ['AccessDenied', 403, 'denied'],
    ['InvalidClientTokenId', 403, 'denied'],
    ['RegionDisabledException', 403, 'denied'],
    ['Throttling', 400, 'throttled'],
    ['InternalFailure', 500, 'unavailable'],
  ])(
    'fails closed when STS answers %s (%i): %s, and nothing is sealed elsewhere',
    async (type, status, kind) => {
      sts.fault = { type, status };
      const attempt = kms('seal').generateDataKey('primary', context);
      await expect(attempt).rejects.toMatchObject({ kind, ownKey: 'owner' });
      expect(wire.calls).toEqual([]);
    },
  );

  it('is unavailable within 2 s when STS takes the request and says nothing', async () => {
    sts.fault = 'hang';
    const started = performance.now();
    await expect(kms('seal').generateDataKey('primary', context)).rejects.toMatchObject({
      kind: 'unavailable',
      ownKey: 'owner',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is refused where the operator gave no AWS identity: neither sealed under the platform’s key nor opened', async () => {
    const { ref, wrapped } = await kms('seal').generateDataKey('primary', context);
    const off = { kind: 'denied', ownKey: 'operator', message: expect.stringContaining('CLAVIGER_ORG_KMS') };
    await expect(kms('seal', null).generateDataKey('primary', context)).rejects.toMatchObject(off);
    await expect(kms('open', null).decrypt(ref, wrapped, context)).rejects.toMatchObject(off);
  });

  it('is in doubt, not refused, while the settings can’t be read', async () => {
    const down = { ...keys, find: async () => Promise.reject(new Error('connection refused')) };
    const open = createKms(files.config('call'), 'open', {
      env: 'test',
      ownKms: { keys: down, clock, aws: null },
    });
    const attempt = open.decrypt(ownKmsRef(mine), Buffer.alloc(80), context);
    await expect(attempt).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('tells the OWNER what the cloud said, and names nobody of this installation', async () => {
    sts.roles.clear();
    const error: unknown = await kms('seal')
      .generateDataKey('primary', context)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(
      /STS AssumeRole: AccessDenied: .*sts:AssumeRole on resource: arn:aws:iam::222233334444/,
    );
    expect(String(error)).toContain('(an identity of this installation)');
    expect(String(error)).not.toMatch(/999988887777|claviger-platform/);
  });
});

describe('sessions of roles', () => {
  it('are asked for once by a hundred callers, and kept until a minute before their end', async () => {
    const seal = kms('seal');
    await Promise.all(Array.from({ length: 100 }, () => seal.generateDataKey('primary', context)));
    expect(sts.calls).toHaveLength(1);
    clock.advance(839_999);
    await seal.generateDataKey('primary', context);
    expect(sts.calls).toHaveLength(1);
    clock.advance(1);
    await seal.generateDataKey('primary', context);
    expect(sts.calls).toHaveLength(2);
  });

  it('are not shared by organizations, though they name one role', async () => {
    sts.trust = ({ tags }) => tags['claviger-org'] === 'org_a';
    rows.push({ ...mine, orgId: 'org_b', active: true });
    const seal = kms('seal');
    await seal.generateDataKey('primary', context);
    const other = seal.generateDataKey('primary', { ...context, org: 'org_b' });
    await expect(other).rejects.toMatchObject({ kind: 'denied' });
  });

  it('begin anew after a refusal, so that a role that was put right works at once', async () => {
    const seal = kms('seal');
    await seal.generateDataKey('primary', context);
    sts.endSessions();
    await expect(seal.generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'denied' });
    expect((await seal.generateDataKey('primary', context)).ref).toBe(ownKmsRef(mine));
  });

  it('that could not be had are asked for again by the next caller', async () => {
    const seal = kms('seal');
    sts.fault = { type: 'InternalFailure', status: 500 };
    await expect(seal.generateDataKey('primary', context)).rejects.toMatchObject({ kind: 'unavailable' });
    sts.fault = undefined;
    expect((await seal.generateDataKey('primary', context)).ref).toBe(ownKmsRef(mine));
  });
});

describe('re-wrapping', () => {
  it('moves a data key between two keys of one organization, as the newer one’s role', async () => {
    const { ref, wrapped } = await kms('seal').generateDataKey('primary', context);
    const newer = { ...mine, keyArn: wire.createKeyOf(ROLE) };
    rows = [
      { ...mine, active: false },
      { ...newer, active: true },
    ];
    const next = await kms('rewrap').reEncrypt(ref, wrapped, ownKmsRef(newer), context);
    expect(next.ref).toBe(ownKmsRef(newer));
    expect((await kms('open').decrypt(next.ref, next.wrapped, context)).length).toBe(32);
    expect(wire.calls.map(({ operation }) => operation)).toEqual(['GenerateDataKey', 'ReEncrypt', 'Decrypt']);
  });

  it('does not move one between the platform’s key and an organization’s: no identity may use both', async () => {
    const { ref, wrapped } = await kms('seal').generateDataKey('primary', context);
    const platform = (await kms('rewrap').describe('primary', 'call')).ref;
    for (const [from, to] of [
      [ref, platform],
      [platform, ref],
    ] as const)
      await expect(kms('rewrap').reEncrypt(from, wrapped, to, context)).rejects.toMatchObject({
        kind: 'denied',
      });
    expect(wire.count('ReEncrypt')).toBe(0);
  });
});

describe('at boot', () => {
  it('what organizations wrapped under keys of their own is nothing that the platform’s KMS must hold', () => {
    const facts = { env: 'test', storedRefs: [ownKmsRef(mine)] } as const;
    expect(() => createKms(files.config('call'), 'open', facts)).not.toThrow();
    expect(() => createKms(files.config('call'), 'open', { ...facts, storedRefs: ['aws:x'] })).toThrow(
      /CLAVIGER_KMS/,
    );
  });
});
