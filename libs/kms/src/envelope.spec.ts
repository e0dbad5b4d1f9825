import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { SecretBytes } from '#lib/kernel';
import fc from 'fast-check';
import { envelopeAad, type SecretIdentity } from './aad.js';
import { deriveEnvelopeKey, openEnvelope, sealEnvelope } from './envelope.js';
import { KmsError } from './kms-error.js';

const identity: SecretIdentity = {
  orgId: 'org_a',
  secretId: 'sec_a',
  version: 3,
  purpose: 'call',
  origins: ['https://api.openai.com:443', 'https://eu.api.openai.com:443'],
};
const TEXT = '{"secret":"sk-live-0123456789"}';

function newDek(): SecretBytes {
  return SecretBytes.take(randomBytes(32));
}

function open(
  dek: SecretBytes,
  sealed: { format: number; envelope: Uint8Array },
  as = identity,
  deployment = 'dep',
) {
  const key = deriveEnvelopeKey(dek, sealed.envelope, as.purpose);
  return openEnvelope(key, deployment, as, sealed).use(String);
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
    return 'opened';
  } catch (error) {
    return error instanceof KmsError ? error.kind : `not a KmsError: ${String(error)}`;
  }
}

describe('the envelope', () => {
  const dek = newDek();
  const sealed = sealEnvelope(dek, 'dep', identity, SecretBytes.fromText(TEXT));

  it('opens to what was sealed, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const key = newDek();
        const { envelope, format } = sealEnvelope(key, 'dep', identity, SecretBytes.take(Buffer.from(bytes)));
        const derived = deriveEnvelopeKey(key, envelope, 'call');
        const opened = openEnvelope(derived, 'dep', identity, { format, envelope });
        expect(opened.use((out) => out.equals(bytes))).toBe(true);
        expect(envelope).toHaveLength(98 + bytes.length);
      }),
      { numRuns: 50 },
    );
  });

  it('never repeats a salt, a nonce or a ciphertext', () => {
    const again = sealEnvelope(dek, 'dep', identity, SecretBytes.fromText(TEXT));
    for (const [from, to] of [
      [6, 38],
      [38, 70],
      [70, 82],
      [82, 98],
    ] as const) {
      expect(again.envelope.subarray(from, to).equals(sealed.envelope.subarray(from, to))).toBe(false);
    }
  });

  it('refuses every single changed bit', () => {
    const outcomes = new Set<string>();
    for (let bit = 0; bit < sealed.envelope.length * 8; bit += 1) {
      const envelope = Buffer.from(sealed.envelope);
      envelope[bit >> 3]! ^= 1 << (bit & 7);
      outcomes.add(refusal(() => open(dek, { format: 1, envelope })));
    }
    expect([...outcomes]).toEqual(['tampered']);
  });

  it('refuses every truncation and every added byte', () => {
    const { envelope } = sealed;
    const cut = [...envelope.keys()].map((length) => envelope.subarray(0, length));
    const longer = [Buffer.concat([envelope, Buffer.of(0)]), Buffer.concat([Buffer.of(0), envelope])];
    const outcomes = [...cut, ...longer].map((bytes) =>
      refusal(() => open(dek, { format: 1, envelope: bytes })),
    );
    expect(new Set(outcomes)).toEqual(new Set(['tampered']));
  });

  it('refuses tags of 4 to 15 bytes, which Node alone would take', () => {
    const body = sealed.envelope.subarray(0, -16);
    const tag = sealed.envelope.subarray(-16);
    for (let length = 4; length < 16; length += 1) {
      const envelope = Buffer.concat([body, tag.subarray(0, length)]);
      expect(refusal(() => open(dek, { format: 1, envelope }))).toBe('tampered');
    }
    expect(nodeTakesShortTag()).toBe(true);
  });

  it.each<[string, Partial<SecretIdentity>]>([
    ['org', { orgId: 'org_b' }],
    ['secret', { secretId: 'sec_b' }],
    ['version', { version: 4 }],
    ['purpose', { purpose: 'webhook' }],
    ['origins: one more', { origins: [...identity.origins, 'https://evil.example:443'] }],
    ['origins: one less', { origins: identity.origins.slice(1) }],
    ['origins: another', { origins: ['https://api.openai.com:443', 'https://evil.example:443'] }],
    ['origins: none', { origins: [] }],
  ])('refuses to open for another %s', (_name, change) => {
    expect(refusal(() => open(dek, sealed, { ...identity, ...change }))).toBe('tampered');
  });

  it('refuses another deployment, another data key and another format number', () => {
    expect(refusal(() => open(dek, sealed, identity, 'dep2'))).toBe('tampered');
    expect(refusal(() => open(newDek(), sealed))).toBe('tampered');
    expect(refusal(() => open(dek, { ...sealed, format: 2 }))).toBe('tampered');
  });

  it('takes origins as a set', () => {
    const shuffled = [...identity.origins].reverse();
    expect(open(dek, sealed, { ...identity, origins: [...shuffled, shuffled[0]!] })).toBe(TEXT);
  });

  it('does not open one envelope with the cached key of another under the same data key', () => {
    const other = sealEnvelope(dek, 'dep', identity, SecretBytes.fromText('other'));
    const cached = deriveEnvelopeKey(dek, sealed.envelope, 'call');
    expect(refusal(() => openEnvelope(cached, 'dep', identity, other))).toBe('tampered');
  });
});

describe('the authenticated data', () => {
  it('gives different identities different bytes, however their texts join', () => {
    const text = fc.string({ maxLength: 4 });
    const someIdentity = fc.record({
      orgId: text,
      secretId: text,
      version: fc.integer({ min: 0, max: 3 }),
      purpose: fc.constantFrom('call' as const, 'webhook' as const),
      origins: fc.uniqueArray(text, { maxLength: 3 }).map((origins) => origins.sort()),
    });
    fc.assert(
      fc.property(someIdentity, someIdentity, text, text, (a, b, deploymentA, deploymentB) => {
        const same = JSON.stringify([a, deploymentA]) === JSON.stringify([b, deploymentB]);
        expect(envelopeAad(deploymentA, a, 1).equals(envelopeAad(deploymentB, b, 1))).toBe(same);
      }),
      { numRuns: 2000 },
    );
    const joined = { ...identity, orgId: 'org_as', secretId: 'ec_a' };
    expect(envelopeAad('dep', joined, 1).equals(envelopeAad('dep', identity, 1))).toBe(false);
  });
});

/** The control: without `authTagLength` a tag of four bytes passes. */
function nodeTakesShortTag(): boolean {
  const [key, nonce] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update('text'), cipher.final()]);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(cipher.getAuthTag().subarray(0, 4));
  return Buffer.concat([decipher.update(body), decipher.final()]).toString() === 'text';
}
