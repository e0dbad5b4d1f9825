import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ManualClock, SecretBytes, systemClock } from '#lib/kernel';
import { createKms, type KmsErrorKind, type KmsSealPort, type SecretIdentity } from '#lib/kms';
import { LocalKmsFiles, ScriptedKms } from '#lib/testing';
import { Opener } from './opener.js';
import { Sealer } from './sealer.js';
import type { SealedSecret } from './sealed-secret.js';

const identity: SecretIdentity = {
  orgId: 'org_a',
  secretId: 'sec_a',
  version: 2,
  purpose: 'call',
  origins: ['https://api.openai.com:443'],
};
const TEXT = '{"secret":"sk-live-0123456789"}';

const files = new LocalKmsFiles();
afterAll(() => files.remove());
const sealKms = createKms(files.config(), 'seal', { env: 'test' });
const openKms = createKms(files.config('call'), 'open', { env: 'test' });
const sealer = new Sealer(sealKms, 'dep');
const newOpener = () => new Opener(openKms, 'dep', new ManualClock(), 'call');

function seal(as: SecretIdentity = identity): Promise<SealedSecret> {
  return sealer.seal(as, SecretBytes.fromText(TEXT));
}

async function outcome(attempt: Promise<SecretBytes>): Promise<string> {
  return attempt.then(
    (secret) => secret.use(String),
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

describe('sealing and opening', () => {
  it('#32 opens in the engine what the api sealed, with objects that share nothing but the files', async () => {
    const sealed = await seal();
    expect(await outcome(newOpener().open(identity, sealed))).toBe(TEXT);
    expect(sealed.kmsRef).toMatch(/^local:call:[0-9a-f]{32}$/);
    expect(Buffer.concat([sealed.envelope, sealed.wrappedDek]).includes('sk-live')).toBe(false);
  });

  it('leaves the plaintext to its owner and wipes every data key', async () => {
    const handedOut: SecretBytes[] = [];
    const watched: KmsSealPort = {
      ...sealKms,
      async generateDataKey(ref, context) {
        const key = await sealKms.generateDataKey(ref, context);
        handedOut.push(key.plaintext);
        return key;
      },
    };
    const plaintext = SecretBytes.fromText(TEXT);
    const sealed = await new Sealer(watched, 'dep').seal(identity, plaintext);
    const kms = new ScriptedKms(openKms);
    await new Opener(kms, 'dep', systemClock, 'call').open(identity, sealed);
    expect(plaintext.use(String)).toBe(TEXT);
    for (const key of [...handedOut, ...kms.handedOut]) expect(() => key.use(String)).toThrow(/wiped/);
    expect(handedOut.length + kms.handedOut.length).toBe(2);
  });

  it.each<[string, Partial<SecretIdentity>]>([
    ['org', { orgId: 'org_b' }],
    ['secret', { secretId: 'sec_b' }],
    ['version', { version: 3 }],
    ['set of origins', { origins: ['https://evil.example:443'] }],
  ])('refuses a row that was moved to another %s, cold and with its key cached', async (_name, change) => {
    const sealed = await seal();
    const opener = newOpener();
    expect(await outcome(opener.open({ ...identity, ...change }, sealed))).toBe('internal');
    expect(await outcome(opener.open(identity, sealed))).toBe(TEXT);
    expect(await outcome(opener.open({ ...identity, ...change }, sealed))).toBe('internal');
  });

  it('refuses parts of two secrets put together', async () => {
    const [a, b] = [await seal(), await seal({ ...identity, secretId: 'sec_b' })];
    const opener = newOpener();
    expect(await outcome(opener.open(identity, { ...a, wrappedDek: b.wrappedDek }))).toBe('internal');
    expect(await outcome(opener.open(identity, { ...a, envelope: b.envelope }))).toBe('internal');
    expect(await outcome(opener.open(identity, { ...a, format: 2 }))).toBe('internal');
    expect(await outcome(opener.open(identity, a))).toBe(TEXT);
    expect(await outcome(opener.open(identity, { ...a, envelope: (await seal()).envelope }))).toBe(
      'internal',
    );
  });

  it('refuses another deployment', async () => {
    const elsewhere = new Opener(openKms, 'dep2', new ManualClock(), 'call');
    expect(await outcome(elsewhere.open(identity, await seal()))).toBe('internal');
  });

  it('#32 opens one purpose only, and does not even ask the KMS for another', async () => {
    const forLogin = { ...identity, purpose: 'login' } as const;
    const kms = new ScriptedKms(openKms);
    const opener = new Opener(kms, 'dep', new ManualClock(), 'call');
    expect(await outcome(opener.open(forLogin, await seal(forLogin)))).toBe('internal');
    expect(await outcome(opener.open(identity, await seal(forLogin)))).toBe('kms_unavailable');
    expect(kms.decrypts).toBe(1);
  });

  it.each<[KmsErrorKind, string, RegExp]>([
    ['unavailable', 'kms_unavailable', /Try again in a few seconds/],
    ['throttled', 'kms_unavailable', /Try again in a few seconds/],
    ['denied', 'kms_unavailable', /operator .* has to restore its permission/],
    ['key_gone', 'kms_unavailable', /operator .* can enable or restore it; otherwise an OWNER has to enter/],
    ['tampered', 'internal', /integrity check/],
  ])('says what to do when the KMS answers %s', async (kind, code, detail) => {
    const kms = new ScriptedKms(openKms);
    kms.fault = kind;
    const attempt = new Opener(kms, 'dep', new ManualClock(), 'call').open(identity, await seal());
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(detail) });
  });

  it('fails closed within 2 s when the KMS swallows the request, sealing and opening', async () => {
    const sealed = await seal();
    const kms = new ScriptedKms(openKms);
    kms.fault = 'hang';
    const deaf: KmsSealPort = { ...sealKms, generateDataKey: () => new Promise(() => undefined) };
    const started = performance.now();
    const outcomes = await Promise.all([
      outcome(new Opener(kms, 'dep', systemClock, 'call').open(identity, sealed)),
      new Sealer(deaf, 'dep').seal(identity, SecretBytes.fromText(TEXT)).catch((error: unknown) => error),
    ]);
    expect(outcomes).toEqual(['kms_unavailable', expect.objectContaining({ code: 'kms_unavailable' })]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('refuses any wrapped key of the right length that the KMS never made', async () => {
    const sealed = await seal();
    const forged = randomBytes(sealed.wrappedDek.length);
    expect(await outcome(newOpener().open(identity, { ...sealed, wrappedDek: forged }))).toBe('internal');
  });
});
