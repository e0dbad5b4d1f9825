import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, SecretBytes } from '#lib/kernel';
import { createKms, type SecretIdentity } from '#lib/kms';
import { LocalKmsFiles, ScriptedKms } from '#lib/testing';
import { CACHE_BARS } from './dek-cache.js';
import { Opener } from './opener.js';
import { Sealer } from './sealer.js';
import type { SealedSecret } from './sealed-secret.js';

const SECOND = 1_000;
const files = new LocalKmsFiles();
afterAll(() => files.remove());
const sealer = new Sealer(createKms(files.config(), 'seal', { env: 'test' }), 'dep');
const realKms = createKms(files.config('call'), 'open', { env: 'test' });

function identityOf(secretId: string): SecretIdentity {
  return { orgId: 'org_a', secretId, version: 1, purpose: 'call', origins: [] };
}

let clock: ManualClock;
let kms: ScriptedKms;
let opener: Opener;
let rows: Map<string, SealedSecret>;

beforeEach(() => {
  clock = new ManualClock();
  kms = new ScriptedKms(realKms);
  opener = new Opener(kms, 'dep', clock, 'call');
  rows = new Map();
});

/** Opens the secret of this name, sealing it when it is new. */
async function open(secretId = 'sec_1'): Promise<string> {
  const row =
    rows.get(secretId) ??
    (await sealer.seal(identityOf(secretId), SecretBytes.fromText(`text of ${secretId}`)));
  rows.set(secretId, row);
  return opener.open(identityOf(secretId), row).then(
    (secret) => secret.use(String),
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

/** Lets quiet work in the background end. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('the key cache by age', () => {
  it('asks once for a thousand simultaneous misses', async () => {
    const row = await sealer.seal(identityOf('sec_1'), SecretBytes.fromText('text'));
    const calls = Array.from({ length: 1_000 }, () => opener.open(identityOf('sec_1'), row));
    const texts = (await Promise.all(calls)).map((secret) => secret.use(String));
    expect(new Set(texts)).toEqual(new Set(['text']));
    expect(kms.decrypts).toBe(1);
  });

  it('serves without the KMS up to 150 s, and gives each call its own copy to wipe', async () => {
    await open();
    clock.advance(149_999);
    const row = rows.get('sec_1')!;
    const first = await opener.open(identityOf('sec_1'), row);
    first.wipe();
    expect(await open()).toBe('text of sec_1');
    await settle();
    expect(kms.decrypts).toBe(1);
  });

  it('refreshes ahead from 150 s without letting anybody wait', async () => {
    await open();
    clock.advance(150 * SECOND);
    let release = () => {};
    kms.before = () => new Promise((resolve) => (release = () => resolve()));
    expect(await Promise.all([open(), open(), open()])).toEqual(Array(3).fill('text of sec_1'));
    expect(kms.decrypts).toBe(2);
    release();
    await settle();
    clock.advance(149_999);
    expect(await open()).toBe('text of sec_1');
    expect(kms.decrypts).toBe(2);
  });

  it('asks before it serves from 300 s on', async () => {
    await open();
    clock.advance(300 * SECOND);
    let asked = false;
    kms.before = async () => void (asked = true);
    expect(await open()).toBe('text of sec_1');
    expect(asked).toBe(true);
    expect(kms.decrypts).toBe(2);
  });

  it('keeps at most the set number of keys, and the ones in use', async () => {
    expect(CACHE_BARS).toMatchObject({
      entries: 5_000,
      refreshMs: 150_000,
      maxAgeMs: 300_000,
      staleMs: 600_000,
    });
    opener = new Opener(kms, 'dep', clock, 'call', { ...CACHE_BARS, entries: 3 });
    for (const name of ['sec_1', 'sec_2', 'sec_3', 'sec_1', 'sec_4']) await open(name);
    expect(kms.decrypts).toBe(4);
    await open('sec_1');
    expect(kms.decrypts).toBe(4);
    await open('sec_2');
    expect(kms.decrypts).toBe(5);
  });
});

describe('the key cache when the KMS is down', () => {
  it.each(['unavailable', 'throttled'] as const)(
    'serves up to 600 s while it is %s, then fails',
    async (kind) => {
      await open();
      kms.fault = kind;
      for (const age of [200, 301, 450, 599]) {
        clock.advance(age * SECOND - clock.monotonicMs());
        expect(await open()).toBe('text of sec_1');
        await settle();
      }
      clock.advance(SECOND);
      expect(await open()).toBe('kms_unavailable');
      kms.fault = undefined;
      expect(await open()).toBe('text of sec_1');
    },
  );

  it('fails a secret that is not cached, at once', async () => {
    kms.fault = 'unavailable';
    expect(await open()).toBe('kms_unavailable');
  });

  it('lets one caller wait for a silent KMS, not every one', async () => {
    await open();
    clock.advance(301 * SECOND);
    kms.fault = 'hang';
    const started = performance.now();
    expect(await open()).toBe('text of sec_1');
    expect(performance.now() - started).toBeLessThan(2_000);
    const again = performance.now();
    for (let call = 0; call < 50; call += 1) expect(await open()).toBe('text of sec_1');
    expect(performance.now() - again).toBeLessThan(1_000);
    expect(kms.decrypts).toBe(2);
  });

  it('comes back by itself: the next probe after an outage renews the key', async () => {
    await open();
    clock.advance(301 * SECOND);
    kms.fault = 'unavailable';
    await open();
    kms.fault = undefined;
    clock.advance(2 * SECOND);
    await open();
    await settle();
    clock.advance(149 * SECOND);
    const before = kms.decrypts;
    expect(await open()).toBe('text of sec_1');
    await settle();
    expect(kms.decrypts).toBe(before);
  });
});

describe('dropping keys', () => {
  it.each(['denied', 'key_gone'] as const)(
    'drops all keys of a master key at the answer %s',
    async (kind) => {
      await open('sec_1');
      await open('sec_2');
      clock.advance(150 * SECOND);
      kms.fault = kind;
      expect(await open('sec_1')).toBe('text of sec_1');
      await settle();
      expect(await open('sec_1')).toBe('kms_unavailable');
      expect(await open('sec_2')).toBe('kms_unavailable');
      kms.fault = 'unavailable';
      expect(await open('sec_2')).toBe('kms_unavailable');
    },
  );

  it('does not outlive a refusal by calling it an outage', async () => {
    await open();
    clock.advance(301 * SECOND);
    kms.fault = 'denied';
    expect(await open()).toBe('kms_unavailable');
    kms.fault = 'unavailable';
    expect(await open()).toBe('kms_unavailable');
  });

  it('forgets one secret, or all, when told to', async () => {
    await open('sec_1');
    await open('sec_2');
    opener.purge('sec_1');
    await open('sec_1');
    await open('sec_2');
    expect(kms.decrypts).toBe(3);
    opener.purge();
    await open('sec_1');
    await open('sec_2');
    expect(kms.decrypts).toBe(5);
  });

  it('does not keep an answer that was on its way when the secret was purged', async () => {
    await open();
    opener.purge();
    kms.before = async () => opener.purge('sec_1');
    expect(await open()).toBe('text of sec_1');
    kms.before = async () => undefined;
    expect(await open()).toBe('text of sec_1');
    expect(kms.decrypts).toBe(3);
  });

  it('takes a re-wrapped key for another one', async () => {
    await open();
    rows.delete('sec_1');
    await open();
    expect(kms.decrypts).toBe(2);
  });

  it('fetches ahead on request', async () => {
    const row = await sealer.seal(identityOf('sec_1'), SecretBytes.fromText('text of sec_1'));
    rows.set('sec_1', row);
    await opener.prefetch(identityOf('sec_1'), row);
    kms.fault = 'unavailable';
    expect(await open()).toBe('text of sec_1');
  });
});
