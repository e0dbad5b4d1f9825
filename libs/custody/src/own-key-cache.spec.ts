import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ownKmsRef } from '#lib/contracts';
import { ManualClock, SecretBytes } from '#lib/kernel';
import { createKms, KmsError, type KmsErrorKind, type KmsOpenPort, type SecretIdentity } from '#lib/kms';
import { LocalKmsFiles } from '#lib/testing';
import { Opener } from './opener.js';
import { Sealer } from './sealer.js';
import type { SealedSecret } from './sealed-secret.js';

const SECOND = 1_000;
/** Two organizations of one company share a key and its role; a third uses the platform's key. */
const OWN = ownKmsRef({
  keyArn: 'arn:aws:kms:eu-central-1:222233334444:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  roleArn: 'arn:aws:iam::222233334444:role/claviger-key',
});
const files = new LocalKmsFiles();
afterAll(() => files.remove());
const facts = { env: 'test' } as const;
const sealer = new Sealer(createKms(files.config(), 'seal', facts), 'dep');
const real = createKms(files.config('call'), 'open', facts);

let clock: ManualClock;
let opener: Opener;
let faults: Map<string, KmsErrorKind>;
let asked: string[];
let rows: Map<string, SealedSecret>;

beforeEach(() => {
  clock = new ManualClock();
  faults = new Map();
  asked = [];
  rows = new Map();
  const kms: KmsOpenPort = {
    describe: real.describe,
    async decrypt(_ref, wrapped, context) {
      asked.push(context.org);
      const fault = faults.get(context.org);
      if (fault)
        throw new KmsError(fault, 'injected', context.org === 'org_platform' ? {} : { ownKey: 'owner' });
      return real.decrypt((await real.describe('primary', 'call')).ref, wrapped, context);
    },
  };
  opener = new Opener(kms, 'dep', clock, 'call');
});

async function open(orgId: string, secretId = 'sec_1'): Promise<string> {
  const identity: SecretIdentity = { orgId, secretId, version: 1, purpose: 'call', origins: [] };
  const name = `${orgId}/${secretId}`;
  const sealed = rows.get(name) ?? (await sealer.seal(identity, SecretBytes.fromText(`text of ${name}`)));
  rows.set(name, orgId === 'org_platform' ? sealed : { ...sealed, kmsRef: OWN });
  return opener.open(identity, rows.get(name)!).then(
    (secret) => secret.use(String),
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('an organization’s own master key that is down', () => {
  it.each(['unavailable', 'throttled'] as const)(
    'serves up to 300 s while it is %s, and the platform’s up to 600 s',
    async (kind) => {
      await open('org_a');
      await open('org_platform');
      faults.set('org_a', kind).set('org_platform', kind);
      for (const age of [160, 299]) {
        clock.advance(age * SECOND - clock.monotonicMs());
        expect(await open('org_a')).toBe('text of org_a/sec_1');
        await settle();
      }
      clock.advance(SECOND);
      expect(await open('org_a')).toBe('kms_unavailable');
      expect(await open('org_platform')).toBe('text of org_platform/sec_1');
      clock.advance(299 * SECOND);
      expect(await open('org_a')).toBe('kms_unavailable');
      expect(await open('org_platform')).toBe('text of org_platform/sec_1');
      clock.advance(SECOND);
      expect(await open('org_platform')).toBe('kms_unavailable');
    },
  );

  it('comes back by itself', async () => {
    await open('org_a');
    clock.advance(300 * SECOND);
    faults.set('org_a', 'unavailable');
    expect(await open('org_a')).toBe('kms_unavailable');
    faults.clear();
    expect(await open('org_a')).toBe('text of org_a/sec_1');
  });
});

describe.each(['denied', 'key_gone'] as const)('an organization’s own master key that answers %s', (kind) => {
  it('is dropped at that answer, with all that is under it', async () => {
    await open('org_a', 'sec_1');
    await open('org_a', 'sec_2');
    clock.advance(150 * SECOND);
    faults.set('org_a', kind);
    await open('org_a', 'sec_1');
    await settle();
    expect(await open('org_a', 'sec_1')).toBe('kms_unavailable');
    expect(await open('org_a', 'sec_2')).toBe('kms_unavailable');
    faults.set('org_a', 'unavailable');
    expect(await open('org_a', 'sec_2')).toBe('kms_unavailable');
  });

  it('does not touch another organization’s calls, though both name one key and one role', async () => {
    await open('org_a');
    await open('org_b');
    clock.advance(150 * SECOND);
    faults.set('org_a', kind);
    await open('org_a');
    await settle();
    asked = [];
    expect(await open('org_a')).toBe('kms_unavailable');
    expect(await open('org_b')).toBe('text of org_b/sec_1');
    await settle();
    expect(await open('org_b')).toBe('text of org_b/sec_1');
    await settle();
    expect(asked).toEqual(['org_a', 'org_b']);
  });

  it('does not drop another organization’s keys: they serve on while the cloud is silent', async () => {
    await open('org_a');
    await open('org_b');
    clock.advance(150 * SECOND);
    faults.set('org_a', kind).set('org_b', 'unavailable');
    await open('org_a');
    await settle();
    expect(await open('org_a')).toBe('kms_unavailable');
    expect(await open('org_b')).toBe('text of org_b/sec_1');
  });
});

describe('an outage of one organization’s key', () => {
  it('is not taken for another’s: that one is still asked, and waits for nobody', async () => {
    await open('org_a');
    await open('org_b');
    clock.advance(160 * SECOND);
    faults.set('org_a', 'unavailable');
    await open('org_a');
    await settle();
    asked = [];
    expect(await open('org_b')).toBe('text of org_b/sec_1');
    await settle();
    expect(asked).toEqual(['org_b']);
    clock.advance(149 * SECOND);
    expect(await open('org_b')).toBe('text of org_b/sec_1');
  });
});

describe('what a caller is told of an own key', () => {
  it.each([
    ['unavailable', 'owner', /own KMS key.*an OWNER has to look at the key/],
    ['throttled', 'owner', /own KMS key.*an OWNER has to look at the key/],
    [
      'denied',
      'owner',
      /own KMS key refused.*OWNER has to look at the key’s policy and the role’s trust policy/,
    ],
    [
      'key_gone',
      'owner',
      /own KMS key refused.*OWNER has to look at the key’s policy and the role’s trust policy/,
    ],
    ['denied', 'operator', /operator has to set CLAVIGER_ORG_KMS=aws/],
  ] as const)('%s, for the %s to mend', async (kind, ownKey, detail) => {
    const refusing = {
      ...real,
      decrypt: async () => Promise.reject(new KmsError(kind, 'arn:secret', { ownKey })),
    };
    const identity: SecretIdentity = {
      orgId: 'org_a',
      secretId: 'sec_1',
      version: 1,
      purpose: 'call',
      origins: [],
    };
    const sealed = await sealer.seal(identity, SecretBytes.fromText('text'));
    const attempt = new Opener(refusing, 'dep', clock, 'call').open(identity, { ...sealed, kmsRef: OWN });
    await expect(attempt).rejects.toMatchObject({
      code: 'kms_unavailable',
      message: expect.stringMatching(detail),
    });
    await expect(attempt).rejects.not.toMatchObject({ message: expect.stringContaining('arn:') });
  });
});
