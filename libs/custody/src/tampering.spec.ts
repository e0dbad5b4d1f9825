import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KmsConfig } from '#lib/config';
import { ManualClock, newId, SecretBytes } from '#lib/kernel';
import { createKms, type Purpose, type SecretIdentity } from '#lib/kms';
import { FakeKms, FakeVault, LocalKmsFiles } from '#lib/testing';
import { Opener } from './opener.js';
import { Sealer } from './sealer.js';
import type { SealedSecret } from './sealed-secret.js';

/** Once the key is cached no KMS is asked, so the others need fewer. */
const ENVELOPES = { local: 100, aws: 10, vault: 10 };
const MARK = 'plain-text-of-';
const TAG = 16;
const BODY_AT = 82;
const facts = { env: 'test' } as const;

interface Subject {
  /** The settings of a process that opens this purpose. */
  config(purpose: Purpose): KmsConfig;
  stop(): Promise<void>;
}

const adapters: Record<keyof typeof ENVELOPES, () => Promise<Subject>> = {
  async local() {
    const files = new LocalKmsFiles();
    return { config: (purpose) => files.config(purpose), stop: async () => files.remove() };
  },
  async aws() {
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDTEST';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    const wire = await FakeKms.start();
    const settings = {
      adapter: 'aws',
      keyId: wire.keyArn,
      region: 'eu-central-1',
      endpoint: wire.url,
    } as const;
    return { config: () => settings, stop: () => wire.stop() };
  },
  async vault() {
    const wire = await FakeVault.start(['claviger-call', 'claviger-webhook', 'claviger-login']);
    const settings = {
      adapter: 'vault',
      address: wire.url,
      keyId: 'claviger',
      mount: 'transit',
      token: 'hvs.test',
    } as const;
    return { config: () => settings, stop: () => wire.stop() };
  },
};

interface Sealed {
  identity: SecretIdentity;
  row: SealedSecret;
  text: string;
}

describe.each(['local', 'aws', 'vault'] as const)('tampering, over %s', (name) => {
  const envelopes = ENVELOPES[name];
  let subject: Subject;
  let sealer: Sealer;
  let openers: Record<'call' | 'webhook', () => Opener>;
  let all: Sealed[];
  const counted = { attempts: 0, opened: 0, told: 0 };

  beforeAll(async () => {
    subject = await adapters[name]();
    sealer = new Sealer(createKms(subject.config('call'), 'seal', facts), 'dep');
    const openerOf = (purpose: Purpose) => () =>
      new Opener(createKms(subject.config(purpose), 'open', facts), 'dep', new ManualClock(), purpose);
    openers = { call: openerOf('call'), webhook: openerOf('webhook') };
    all = await Promise.all(Array.from({ length: envelopes }, (_, n) => seal(identity(n), n)));
  });
  afterAll(async () => {
    await subject.stop();
    console.log(
      `${name}: ${counted.attempts} attempts to open what was tampered with, ${counted.opened} opened, ${counted.told} told any plaintext`,
    );
  });

  async function seal(as: SecretIdentity, n: number): Promise<Sealed> {
    const text = `${MARK}${n}-${randomBytes(randomInt(1, 40)).toString('hex')}`;
    return { identity: as, row: await sealer.seal(as, SecretBytes.fromText(text)), text };
  }

  /** Tries to open and counts; answers nothing, since nothing may come of it. */
  async function attempt(opener: Opener, as: SecretIdentity, row: SealedSecret): Promise<void> {
    counted.attempts += 1;
    try {
      await opener.open(as, row);
      counted.opened += 1;
    } catch (error) {
      const said =
        error instanceof Error ? `${error.message} ${JSON.stringify(error)} ${String(error.stack)}` : '';
      if (said.includes(MARK)) counted.told += 1;
    }
  }

  /** An opener that has used every one of `some` just before, so that their keys are cached. */
  async function warm(some: Sealed[]): Promise<Opener> {
    const opener = openers.call();
    for (const { identity: as, row, text } of some) {
      expect((await opener.open(as, row)).use(String)).toBe(text);
    }
    return opener;
  }

  it(`every byte of ${envelopes} envelopes changed, with the key cached`, async () => {
    const opener = await warm(all);
    for (const { identity: as, row } of all) {
      for (let at = 0; at < row.envelope.length; at += 1) {
        await attempt(opener, as, { ...row, envelope: changed(row.envelope, at) });
      }
    }
    expect(counted).toMatchObject({ opened: 0, told: 0 });
    expect(counted.attempts).toBeGreaterThan(100 * envelopes);
  });

  it('every byte of an envelope and of a wrapped data key changed, with nothing cached', async () => {
    const [{ identity: as, row }] = all as [Sealed];
    for (let at = 0; at < row.envelope.length; at += 1) {
      await attempt(openers.call(), as, { ...row, envelope: changed(row.envelope, at) });
    }
    for (let at = 0; at < row.wrappedDek.length; at += 1) {
      await attempt(openers.call(), as, { ...row, wrappedDek: changed(row.wrappedDek, at, 1 << (at % 8)) });
    }
    expect(counted).toMatchObject({ opened: 0, told: 0 });
  });

  it('tags cut to 4 to 15 bytes, and envelopes cut anywhere', async () => {
    const opener = await warm(all);
    for (const { identity: as, row } of all) {
      const { envelope } = row;
      for (let length = 0; length < TAG; length += 1) {
        await attempt(opener, as, { ...row, envelope: envelope.subarray(0, envelope.length - TAG + length) });
      }
      await attempt(opener, as, { ...row, envelope: envelope.subarray(0, randomInt(envelope.length)) });
    }
    expect(counted).toMatchObject({ opened: 0, told: 0 });
  });

  it('ciphertext, data key and identity exchanged between orgs, secrets, versions, purposes and origins', async () => {
    const base = identity(0);
    const others: Record<string, SecretIdentity> = {
      org: { ...base, orgId: newId('org') },
      secret: { ...base, secretId: newId('sec') },
      version: { ...base, version: 2 },
      purpose: { ...base, purpose: 'webhook' },
      origins: { ...base, origins: ['https://evil.example:443'] },
      'more origins': { ...base, origins: [...base.origins, 'https://evil.example:443'] },
    };
    const mine = await seal(base, 0);
    const again = await seal(base, 0);
    for (const other of [...Object.values(others), base]) {
      const theirs = other === base ? again : await seal(other, 1);
      for (const [one, two] of [
        [mine, theirs],
        [theirs, mine],
      ] as const) {
        for (const opener of [openers.call(), openers.webhook(), await warm([mine])]) {
          const exchanged: SealedSecret[] = [
            { ...one.row, envelope: two.row.envelope },
            { ...one.row, wrappedDek: two.row.wrappedDek },
            { ...one.row, envelope: grafted(one.row.envelope, two.row.envelope) },
            { ...two.row, envelope: grafted(one.row.envelope, two.row.envelope) },
          ];
          for (const row of exchanged) await attempt(opener, one.identity, row);
          // The whole row in the place of another: what the authenticated data is for.
          if (other !== base) await attempt(opener, one.identity, two.row);
        }
      }
    }
    expect(counted).toMatchObject({ opened: 0, told: 0 });
  });

  it('control: the same attempts count what does open', async () => {
    const before = { ...counted };
    for (const { identity: as, row } of all.slice(0, 3)) await attempt(openers.call(), as, row);
    expect(counted.opened - before.opened).toBe(3);
    Object.assign(counted, before);
  });
});

function identity(n: number): SecretIdentity {
  const origins = [`https://api-${n % 7}.vendor.test:443`];
  return { orgId: newId('org'), secretId: newId('sec'), version: 1, purpose: 'call', origins };
}

/** One byte made another one, any of the 255 unless told. A wrapped key may be text in base64, whose last bits say nothing. */
function changed(bytes: Uint8Array, at: number, by: number = randomInt(1, 256)): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= by;
  return copy;
}

/** The head of one envelope with the ciphertext and tag of another. */
function grafted(head: Uint8Array, body: Uint8Array): Buffer {
  return Buffer.concat([head.subarray(0, BODY_AT), body.subarray(BODY_AT)]);
}
