import type { LocalKmsConfig } from '#lib/config';
import type { KmsBootFacts } from '../boot-facts.js';
import { errnoOf, KeyFileError, readKeyFile } from './key-file.js';
import {
  parsePrivateKeyset,
  parsePublicKeysets,
  refOf,
  type PrivateKeyset,
  type PublicKeysets,
} from './keyset.js';

/** The public keysets. Throws KeyFileError. */
export function loadPublicKeysets(config: LocalKmsConfig): PublicKeysets {
  const path = config.publicKeysetPath;
  return reading(
    () => parsePublicKeysets(path, readText(path, config.allowSymlink, 'public')),
    `the public keyset ${path} is missing, so nothing can be sealed: it is made beside the private ones at the first start; copy it from there.`,
  );
}

/** The private keyset of one purpose, under all rules of CUSTODY §2. Throws KeyFileError. */
export function loadPrivateKeyset(config: LocalKmsConfig, facts: KmsBootFacts): PrivateKeyset {
  const path = config.privateKeysetPath;
  if (!path) {
    throw new KeyFileError(
      'this process opens secrets, but no private keyset is set: set CLAVIGER_KMS_PRIVATE_KEYSET.',
    );
  }
  const keyset = reading(
    () => parsePrivateKeyset(path, readText(path, config.allowSymlink, 'private')),
    facts.storedRefs?.length
      ? `the private keyset ${path} is missing, but secrets sealed for it are stored: restore the file from your backup. Nothing else can open them.`
      : `the private keyset ${path} is missing: let \`npm start\` make it, or copy it here.`,
  );
  const missing = facts.storedRefs?.find(
    (ref) => !keyset.keys.some((key) => refOf(keyset.purpose, key) === ref),
  );
  if (missing !== undefined) {
    throw new KeyFileError(
      `${path} does not hold the key ${missing} that stored secrets were sealed to: restore the right file from your backup.`,
    );
  }
  return keyset;
}

/** Refuses the local KMS in production unless the operator said that it is meant. Throws KeyFileError. */
export function checkProduction(config: LocalKmsConfig, facts: KmsBootFacts): void {
  if (facts.env !== 'production' || config.allowProduction) return;
  throw new KeyFileError(
    'the local KMS keeps its keys in files on this machine and is off in production: use CLAVIGER_KMS=aws, or accept that with KMS_LOCAL_ALLOW_PRODUCTION=yes and back the key files up.',
  );
}

function readText(path: string, allowSymlink: boolean, secrecy: 'private' | 'public'): string {
  const bytes = readKeyFile(path, { allowSymlink, secrecy, uid: process.getuid?.() });
  try {
    return bytes.toString('utf8');
  } finally {
    bytes.fill(0);
  }
}

function reading<T>(read: () => T, whenMissing: string): T {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw new KeyFileError(whenMissing, error);
    throw error;
  }
}
