import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, OpenError } from '@hpke/core';
import { sha256 } from '#lib/kernel';

/*
 * RFC 9180, base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. One message per encapsulated key.
 * wrapped = version u8 ‖ enc[32] ‖ ciphertext ‖ tag[16]
 */
const VERSION = 1;
const ENC_LENGTH = 32;
const INFO = Buffer.from('claviger/kms-local/1', 'utf8');
const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

/** Wraps `bytes` so that only the holder of the private half can read them, bound to `aad`. */
export async function hpkeSeal(publicKey: Uint8Array, bytes: Uint8Array, aad: Uint8Array): Promise<Buffer> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(publicKey);
  const sealed = await suite.seal({ recipientPublicKey, info: INFO }, bytes, aad);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(sealed.enc), Buffer.from(sealed.ct)]);
}

/** What `hpkeSeal` wrapped, or undefined when it isn't for this key and `aad`, or was changed. */
export async function hpkeOpen(
  privateKey: Uint8Array,
  wrapped: Uint8Array,
  aad: Uint8Array,
): Promise<Buffer | undefined> {
  if (wrapped[0] !== VERSION || wrapped.length <= 1 + ENC_LENGTH) return undefined;
  const enc = wrapped.slice(1, 1 + ENC_LENGTH);
  const recipientKey = await suite.kem.deserializePrivateKey(privateKey);
  try {
    return Buffer.from(
      await suite.open({ recipientKey, enc, info: INFO }, wrapped.slice(1 + ENC_LENGTH), aad),
    );
  } catch (error) {
    if (error instanceof OpenError || isBadPoint(error)) return undefined;
    throw error;
  }
}

/** A new X25519 private key: 32 raw bytes. */
export function newPrivateKey(): Buffer {
  const { privateKey } = generateKeyPairSync('x25519');
  return privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_X25519.length);
}

/** The public half (32 raw bytes) of a raw X25519 private key. */
export function publicHalf(privateKey: Uint8Array): Buffer {
  const der = Buffer.concat([PKCS8_X25519, privateKey]);
  try {
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    return key.export({ format: 'der', type: 'spki' }).subarray(-32);
  } finally {
    der.fill(0);
  }
}

/** Tells keys apart without telling anything about them: SHA-256 of the public half, hex. */
export function keyCheckOf(publicKey: Uint8Array): string {
  return sha256('claviger/local-key/1', publicKey).toString('hex');
}

/** An encapsulated key that is no usable point fails in the KEM, before there is anything to authenticate. */
function isBadPoint(error: unknown): boolean {
  return error instanceof Error && (error.name === 'DecapError' || error.name === 'DeserializeError');
}
