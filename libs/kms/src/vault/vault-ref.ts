import type { VaultKmsConfig } from '#lib/config';
import { KmsError } from '../kms-error.js';
import type { KmsRef, Purpose } from '../kms.port.js';

const PREFIX = 'vault:';
/** What transit answers: the version of the key that wrapped it, and base64. */
const CIPHERTEXT = /^vault:v([1-9]\d{0,8}):([A-Za-z0-9+/]+={0,2})$/;

/** A transit key, and which version of it; no version means its latest. */
export interface TransitKey {
  name: string;
  version?: number;
}

/**
 * What a reference means here. There is one transit key for each purpose, so that a Vault policy can allow a process
 * the purpose that is its own. Throws KmsError `key_gone` for a reference of another adapter or mount.
 */
export function transitKey(config: VaultKmsConfig, ref: KmsRef, purpose: Purpose): TransitKey {
  if (ref === 'primary') return { name: `${config.keyId}-${purpose}` };
  const mount = `${PREFIX}${config.mount}/`;
  const parts = ref.startsWith(mount) ? /^([\w.-]+):v([1-9]\d{0,8})$/.exec(ref.slice(mount.length)) : null;
  if (!parts) {
    throw new KmsError('key_gone', `${ref} is not a key of the transit mount ${config.mount}`);
  }
  return { name: String(parts[1]), version: Number(parts[2]) };
}

/** How a version of a transit key is named in `kms_ref`. */
export function transitRef(config: VaultKmsConfig, name: string, version: number): KmsRef {
  return `${PREFIX}${config.mount}/${name}:v${version}`;
}

/** The version that wrapped this, or undefined when it is not text that transit writes, to the last bit. */
export function wrappingVersion(ciphertext: string): number | undefined {
  const parts = CIPHERTEXT.exec(ciphertext);
  const [, version, base64 = ''] = parts ?? [];
  // Decoders drop stray bits of the last character: two texts for one ciphertext would be one too many.
  const canonical = Buffer.from(base64, 'base64').toString('base64') === base64;
  return parts && canonical ? Number(version) : undefined;
}
