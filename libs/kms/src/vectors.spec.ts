import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { SecretBytes } from '#lib/kernel';
import { contextAad, type SecretIdentity } from './aad.js';
import { deriveEnvelopeKey, openEnvelope } from './envelope.js';
import type { KmsContext } from './kms.port.js';
import { hpkeOpen } from './local/hpke.js';

interface Vector {
  name: string;
  identity: SecretIdentity;
  plaintext: string;
  dek: string;
  format: number;
  envelope: string;
  localPrivateKey: string;
  context: KmsContext;
  localWrapped: string;
}
interface VectorFile {
  deployment: string;
  vectors: Vector[];
}

// Never edit a released file: a change of format gets a new one, and both are listed here.
const files = ['format-1.json'].map((name): VectorFile =>
  JSON.parse(readFileSync(`${import.meta.dirname}/../vectors/${name}`, 'utf8')),
);
const cases = files.flatMap(({ deployment, vectors }) =>
  vectors.map((vector) => ({ deployment, ...vector })),
);

describe('released formats open for ever', () => {
  it.each(cases)('envelope: $name', ({ deployment, dek, envelope, format, identity, plaintext }) => {
    const bytes = Buffer.from(envelope, 'base64');
    const key = deriveEnvelopeKey(SecretBytes.take(Buffer.from(dek, 'hex')), bytes, identity.purpose);
    const opened = openEnvelope(key, deployment, identity, { format, envelope: bytes });
    expect(opened.use(String)).toBe(plaintext);
  });

  it.each(cases)(
    'data key of the local KMS: $name',
    async ({ localPrivateKey, localWrapped, context, dek }) => {
      const wrapped = Buffer.from(localWrapped, 'base64');
      const opened = await hpkeOpen(Buffer.from(localPrivateKey, 'hex'), wrapped, contextAad(context));
      expect(opened?.toString('hex')).toBe(dek);
    },
  );

  it.each(cases)('a second reading of CUSTODY §1, by WebCrypto, agrees: $name', async (vector) => {
    expect(await openByTheBook(vector)).toBe(vector.plaintext);
  });
});

/** Shares no code with the library: offsets, key derivation and AAD are written out from the design. */
async function openByTheBook(vector: Vector & { deployment: string }): Promise<string> {
  const envelope = Buffer.from(vector.envelope, 'base64');
  expect(envelope.subarray(0, 6).toString('hex')).toBe('434c56450101');
  const { identity } = vector;
  const ikm = await crypto.subtle.importKey('raw', Buffer.from(vector.dek, 'hex'), 'HKDF', false, [
    'deriveBits',
  ]);
  const info = Buffer.from(identity.purpose);
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: envelope.subarray(6, 38), info };
  const okm = Buffer.from(await crypto.subtle.deriveBits(hkdf, ikm, 512));
  expect(okm.subarray(32).equals(envelope.subarray(38, 70))).toBe(true);
  const version = Buffer.from(identity.version.toString(16).padStart(8, '0'), 'hex');
  const origins = [...identity.origins].sort();
  const count = Buffer.from([0, 0, 0, origins.length]);
  const head = [
    'claviger/1',
    vector.deployment,
    identity.orgId,
    identity.secretId,
    version,
    identity.purpose,
  ];
  const additionalData = Buffer.concat(
    [...head, Buffer.from([1]), count, ...origins].flatMap((field) => {
      const bytes = Buffer.from(field);
      return [Buffer.from(bytes.length.toString(16).padStart(8, '0'), 'hex'), bytes];
    }),
  );
  const key = await crypto.subtle.importKey('raw', okm.subarray(0, 32), 'AES-GCM', false, ['decrypt']);
  const gcm = { name: 'AES-GCM', iv: envelope.subarray(70, 82), additionalData, tagLength: 128 };
  return Buffer.from(await crypto.subtle.decrypt(gcm, key, envelope.subarray(82))).toString();
}
