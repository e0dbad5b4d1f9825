import { randomBytes } from 'node:crypto';
import { SecretBytes } from '#lib/kernel';
import { contextAad } from '../aad.js';
import type { LocalKmsConfig } from '#lib/config';
import type { KmsBootFacts } from '../boot-facts.js';
import { KmsError } from '../kms-error.js';
import type { KmsByPrivilege, KmsContext, KmsRef, Purpose } from '../kms.port.js';
import { hpkeOpen, hpkeSeal } from './hpke.js';
import { refOf, type Keyset, type LocalKey, type PrivateKeyset, type PublicKeysets } from './keyset.js';
import { checkProduction, loadPrivateKeyset, loadPublicKeysets } from './load.js';

/**
 * The embedded KMS: data keys are wrapped to a public key (HPKE), so a process without the private file can seal
 * and can't open, whatever code runs inside it. Faults of the key files are thrown here, at boot.
 */
export const localKms: {
  [P in keyof KmsByPrivilege]: (config: LocalKmsConfig, facts: KmsBootFacts) => KmsByPrivilege[P];
} = {
  seal(config, facts) {
    checkProduction(config, facts);
    const publicKeys = loadPublicKeysets(config);
    return {
      async generateDataKey(ref, context) {
        const dek = randomBytes(32);
        return { ...(await wrap(publicKeys, ref, dek, context)), plaintext: SecretBytes.take(dek) };
      },
      describe: async (ref, purpose) => describe(publicKeys[purpose], ref, purpose),
    };
  },

  open(config, facts) {
    checkProduction(config, facts);
    const privateKeys = loadPrivateKeyset(config, facts);
    return {
      decrypt: async (ref, wrapped, context) =>
        SecretBytes.take(await unwrap(privateKeys, ref, wrapped, context)),
      describe: async (ref, purpose) => describe(ownKeys(privateKeys, purpose), ref, purpose),
    };
  },

  rewrap(config, facts) {
    checkProduction(config, facts);
    const publicKeys = loadPublicKeysets(config);
    const privateKeys = loadPrivateKeyset(config, facts);
    return {
      async reEncrypt(from, wrapped, to, context) {
        const dek = SecretBytes.take(await unwrap(privateKeys, from, wrapped, context));
        return dek.useOnce((bytes) => wrap(publicKeys, to, bytes, context));
      },
      describe: async (ref, purpose) => describe(publicKeys[purpose], ref, purpose),
    };
  },
};

async function wrap(publicKeys: PublicKeysets, ref: KmsRef, dek: Buffer, context: KmsContext) {
  const key = find(publicKeys[context.purpose], ref, context.purpose);
  return { ref: refOf(context.purpose, key), wrapped: await hpkeSeal(key.bytes, dek, contextAad(context)) };
}

async function unwrap(
  privateKeys: PrivateKeyset,
  ref: KmsRef,
  wrapped: Uint8Array,
  context: KmsContext,
): Promise<Buffer> {
  const key = find(ownKeys(privateKeys, context.purpose), ref, context.purpose);
  const dek = await hpkeOpen(key.bytes, wrapped, contextAad(context));
  if (!dek) throw new KmsError('tampered', 'the wrapped data key or its context is not what was sealed');
  return dek;
}

function ownKeys(privateKeys: PrivateKeyset, purpose: Purpose): PrivateKeyset {
  if (privateKeys.purpose === purpose) return privateKeys;
  throw new KmsError('denied', `this process holds keys for ${privateKeys.purpose}, not for ${purpose}`);
}

function find(keyset: Keyset, ref: KmsRef, purpose: Purpose): LocalKey {
  if (ref === 'primary') return keyset.primary;
  const key = keyset.keys.find((candidate) => refOf(purpose, candidate) === ref);
  if (!key) throw new KmsError('key_gone', `no key file of this process holds the key ${ref}`);
  return key;
}

function describe(keyset: Keyset, ref: KmsRef, purpose: Purpose) {
  const key = find(keyset, ref, purpose);
  return { ref: refOf(purpose, key), keyCheck: key.keyCheck };
}
