import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock, SecretBytes } from '#lib/kernel';
import { createKms, type KmsRewrapPort, type SecretIdentity } from '#lib/kms';
import { LocalKmsFiles } from '#lib/testing';
import { Opener } from './opener.js';
import { Rewrapper, type SaveIfUnchanged, type WrappedRow } from './rewrapper.js';
import { Sealer, type NewSealedSecret } from './sealer.js';

const identity: SecretIdentity = {
  orgId: 'org_a',
  secretId: 'sec_a',
  version: 1,
  purpose: 'call',
  origins: [],
};

describe('re-wrapping a row', () => {
  const files = new LocalKmsFiles();
  const facts = { env: 'test' } as const;
  let stored: NewSealedSecret;
  let older: NewSealedSecret;
  let kms: KmsRewrapPort;

  beforeAll(async () => {
    older = await new Sealer(createKms(files.config(), 'seal', facts), 'dep').seal(
      identity,
      SecretBytes.fromText('text'),
    );
    files.addPrimary('call');
    kms = createKms(files.config('call'), 'rewrap', facts);
    stored = older;
  });
  afterAll(() => files.remove());

  const save: SaveIfUnchanged = async (next, expected) => {
    if (!stored.wrappedDek.equals(expected)) return false;
    stored = { ...stored, ...next };
    return true;
  };
  const rewrap = async (row: WrappedRow) => {
    const rewrapper = new Rewrapper(kms, 'dep');
    return rewrapper.rewrap(row, await rewrapper.target('call'), save);
  };
  const row = () => ({ identity, kmsRef: stored.kmsRef, wrappedDek: stored.wrappedDek });

  it('moves it to the newer master key; the secret opens as before and the envelope is untouched', async () => {
    expect(await rewrap(row())).toBe('rewrapped');
    expect(stored.kmsRef).not.toBe(older.kmsRef);
    expect(stored.envelope).toBe(older.envelope);
    const opener = new Opener(
      createKms(files.config('call'), 'open', facts),
      'dep',
      new ManualClock(),
      'call',
    );
    expect((await opener.open(identity, stored)).use(String)).toBe('text');
  });

  it('does nothing when run again', async () => {
    const before = stored;
    expect(await rewrap(row())).toBe('current');
    expect(stored).toBe(before);
  });

  it('leaves a row alone that was shredded or rotated meanwhile', async () => {
    const stale = { identity, kmsRef: older.kmsRef, wrappedDek: older.wrappedDek };
    const before = stored;
    expect(await rewrap(stale)).toBe('changed');
    expect(stored).toBe(before);
  });

  it('refuses a row of another tenant and says that it is damaged', async () => {
    const moved = {
      ...row(),
      kmsRef: older.kmsRef,
      wrappedDek: older.wrappedDek,
      identity: { ...identity, orgId: 'org_b' },
    };
    await expect(rewrap(moved)).rejects.toMatchObject({
      kind: 'tampered',
    });
  });
});
