import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** A refusal as Vault words it. */
export class TransitFault extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

interface TransitKeyRing {
  /** Version n is at n - 1. */
  versions: { bytes: Buffer; made: number }[];
  minDecryptionVersion: number;
  derived: boolean;
}

const NONCE = 12;
const TAG = 16;

/** Transit keys in memory: aes256-gcm96, with a key for each context when derived, as transit's are. */
export class TransitStore {
  readonly #keys = new Map<string, TransitKeyRing>();

  create(name: string, derived = true): void {
    this.#keys.set(name, { versions: [], minDecryptionVersion: 1, derived });
    this.rotate(name);
  }

  rotate(name: string): void {
    this.#key(name).versions.push({ bytes: randomBytes(32), made: Math.floor(Date.now() / 1000) });
  }

  setMinDecryptionVersion(name: string, version: number): void {
    this.#key(name).minDecryptionVersion = version;
  }

  remove(name: string): void {
    this.#keys.delete(name);
  }

  read(name: string): Record<string, unknown> {
    const key = this.#keys.get(name);
    if (!key) throw new TransitFault('', 404);
    const live = key.versions.map(({ made }, at) => [String(at + 1), made] as const);
    return {
      name,
      type: 'aes256-gcm96',
      derived: key.derived,
      latest_version: key.versions.length,
      min_decryption_version: key.minDecryptionVersion,
      keys: Object.fromEntries(live.filter(([version]) => Number(version) >= key.minDecryptionVersion)),
    };
  }

  encrypt(name: string, plaintext: Buffer, context: string, version?: number): string {
    const key = this.#key(name);
    const at = version || key.versions.length;
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#subkey(key, at, context), nonce, {
      authTagLength: TAG,
    });
    const body = Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return `vault:v${at}:${body.toString('base64')}`;
  }

  decrypt(name: string, ciphertext: string, context: string): Buffer {
    const key = this.#key(name);
    const [, version, base64] = /^vault:v(\d+):(.*)$/s.exec(ciphertext) ?? [];
    if (version === undefined) throw new TransitFault('invalid ciphertext: no prefix');
    const at = Number(version) || 1;
    if (at > key.versions.length) throw new TransitFault('invalid ciphertext: version is too new');
    if (at < key.minDecryptionVersion)
      throw new TransitFault('ciphertext or signature version is disallowed by policy (too old)');
    const body = Buffer.from(base64 ?? '', 'base64');
    if (body.length < NONCE + TAG) throw new TransitFault('invalid ciphertext length');
    const subkey = this.#subkey(key, at, context);
    const decipher = createDecipheriv('aes-256-gcm', subkey, body.subarray(0, NONCE), { authTagLength: TAG });
    decipher.setAuthTag(body.subarray(-TAG));
    try {
      return Buffer.concat([decipher.update(body.subarray(NONCE, -TAG)), decipher.final()]);
    } catch {
      throw new TransitFault('cipher: message authentication failed');
    }
  }

  #key(name: string): TransitKeyRing {
    const key = this.#keys.get(name);
    if (!key) throw new TransitFault('encryption key not found');
    return key;
  }

  /** A key that is not derived ignores the context, as the real one does. */
  #subkey(key: TransitKeyRing, version: number, context: string): Buffer {
    const { bytes } = key.versions[version - 1]!;
    if (!key.derived) return bytes;
    if (context === '')
      throw new TransitFault("missing 'context' for key derivation; the key was created using a derived key");
    return Buffer.from(hkdfSync('sha256', bytes, '', Buffer.from(context, 'base64'), 32));
  }
}
