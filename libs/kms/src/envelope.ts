import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { equalBytes, SecretBytes } from '#lib/kernel';
import { envelopeAad, type SecretIdentity } from './aad.js';
import { KmsError } from './kms-error.js';
import type { Purpose } from './kms.port.js';

/*
 * "CLVE" ‖ format u8 ‖ suite u8 ‖ salt[32] ‖ commitment[32] ‖ nonce[12] ‖ ciphertext ‖ tag[16]
 */
const MAGIC = Buffer.from('CLVE', 'latin1');
const FORMAT = 1;
const SUITE = 1;
const SALT_AT = 6;
const COMMITMENT_AT = SALT_AT + 32;
const NONCE_AT = COMMITMENT_AT + 32;
const CIPHERTEXT_AT = NONCE_AT + 12;
const TAG_LENGTH = 16;
const CIPHER = 'aes-256-gcm';

/** The derived key of one envelope. Safe to cache: OpenSSL clears a KeyObject's memory when it is freed. */
export interface EnvelopeKey {
  readonly key: KeyObject;
  readonly salt: Buffer;
  readonly commitment: Buffer;
}

/**
 * Encrypts `plaintext` under a fresh subkey of `dek` (32 bytes) and binds it to `identity`. Neither argument is wiped.
 * A subkey encrypts once, so that a nonce can't repeat.
 */
export function sealEnvelope(
  dek: SecretBytes,
  deployment: string,
  identity: SecretIdentity,
  plaintext: SecretBytes,
): { format: number; envelope: Buffer } {
  const { key, salt, commitment } = derive(dek, randomBytes(32), identity.purpose);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(envelopeAad(deployment, identity, SUITE));
  const body = plaintext.use((bytes) => Buffer.concat([cipher.update(bytes), cipher.final()]));
  const head = Buffer.concat([MAGIC, Buffer.of(FORMAT, SUITE)]);
  return {
    format: FORMAT,
    envelope: Buffer.concat([head, salt, commitment, nonce, body, cipher.getAuthTag()]),
  };
}

/**
 * The key of this envelope, from its data key. The commitment is checked here, before anything is decrypted
 * (key commitment as in the AWS Encryption SDK): a ciphertext made to open under two keys is refused.
 * Throws KmsError `tampered`.
 */
export function deriveEnvelopeKey(dek: SecretBytes, envelope: Uint8Array, purpose: Purpose): EnvelopeKey {
  const parts = partsOf(envelope);
  const derived = derive(dek, Buffer.from(parts.salt), purpose);
  if (!equalBytes(derived.commitment, parts.commitment))
    throw tampered('the key is not the one that sealed it');
  return derived;
}

/**
 * The plaintext of `envelope`; the caller wipes it. `key` may come from a cache, so it is checked again that it
 * belongs to this very envelope. Throws KmsError `tampered` for whatever isn't exactly what was sealed for `identity`.
 */
export function openEnvelope(
  key: EnvelopeKey,
  deployment: string,
  identity: SecretIdentity,
  sealed: { format: number; envelope: Uint8Array },
): SecretBytes {
  const parts = partsOf(sealed.envelope);
  if (sealed.format !== FORMAT) throw tampered('the row names another format');
  if (!equalBytes(key.salt, parts.salt) || !equalBytes(key.commitment, parts.commitment)) {
    throw tampered('the key belongs to another envelope');
  }
  const decipher = createDecipheriv(CIPHER, key.key, parts.nonce, { authTagLength: TAG_LENGTH });
  decipher.setAAD(aadOf(deployment, identity));
  decipher.setAuthTag(parts.tag);
  // GCM hands the bytes out before it has checked the tag: nobody may see them until `final` has passed.
  const plaintext = decipher.update(parts.ciphertext);
  try {
    decipher.final();
  } catch (cause) {
    plaintext.fill(0);
    throw tampered('its contents or its identity were changed', cause);
  }
  return SecretBytes.take(plaintext);
}

function derive(dek: SecretBytes, salt: Buffer, purpose: Purpose): EnvelopeKey {
  const okm = Buffer.from(dek.use((bytes) => hkdfSync('sha256', bytes, salt, purpose, 64)));
  try {
    const key = createSecretKey(okm.subarray(0, 32));
    return { key, salt, commitment: Buffer.from(okm.subarray(32)) };
  } finally {
    okm.fill(0);
  }
}

type Parts = ReturnType<typeof parse>;

/** Nothing of an envelope is secret but what it seals: one that is opened for every call is taken apart once. */
const known = new WeakMap<Uint8Array, Parts>();

function partsOf(envelope: Uint8Array): Parts {
  let parts = known.get(envelope);
  if (!parts) known.set(envelope, (parts = parse(envelope)));
  return parts;
}

/** By identity as it is handed in: one that never changes is written out once. */
const aads = new WeakMap<SecretIdentity, { deployment: string; aad: Buffer }>();

function aadOf(deployment: string, identity: SecretIdentity): Buffer {
  const made = aads.get(identity);
  if (made?.deployment === deployment) return made.aad;
  const aad = envelopeAad(deployment, identity, SUITE);
  if (Object.isFrozen(identity)) aads.set(identity, { deployment, aad });
  return aad;
}

function parse(envelope: Uint8Array) {
  const bytes = Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength);
  if (bytes.length < CIPHERTEXT_AT + TAG_LENGTH) throw tampered('it is cut short');
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw tampered('it is not an envelope');
  if (bytes[4] !== FORMAT || bytes[5] !== SUITE) throw tampered('its format or suite is unknown');
  return {
    salt: bytes.subarray(SALT_AT, COMMITMENT_AT),
    commitment: bytes.subarray(COMMITMENT_AT, NONCE_AT),
    nonce: bytes.subarray(NONCE_AT, CIPHERTEXT_AT),
    ciphertext: bytes.subarray(CIPHERTEXT_AT, bytes.length - TAG_LENGTH),
    tag: bytes.subarray(bytes.length - TAG_LENGTH),
  };
}

function tampered(why: string, cause?: unknown): KmsError {
  return new KmsError('tampered', `the envelope can't be opened: ${why}`, { cause });
}
